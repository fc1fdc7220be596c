"""Company names as they really are, typed with mistakes: how many stand among the first ten."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks import search

pytestmark = pytest.mark.realdata
_SAMPLE = 1500


@pytest.mark.parametrize(("mistakes", "least"), search.RECALL)
def test_recall_of_mistyped_company_names(real_data: Path, mistakes: int, least: float) -> None:
    names = search.names(real_data)
    assert len(names) > 10_000
    found = search.recall(names, search.index_of(names), mistakes, _SAMPLE)
    print(f"{mistakes} mistakes: {found:.2f} % of {_SAMPLE} names among the first 10")
    assert found >= least
