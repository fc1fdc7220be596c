"""docs/metrics.md says what the code does."""

from __future__ import annotations

from pathlib import Path

from dashboard.analytics.metrics import METRICS
from dashboard.services.metrics_page import page

DOCS = Path(__file__).resolve().parents[2] / "docs" / "metrics.md"


def test_the_page_is_the_codes() -> None:
    assert DOCS.read_text("utf-8") == page(), "python -m dashboard.services.metrics_page > docs/metrics.md"
    assert all(f"(`{name}`)" in page() for name in METRICS)
