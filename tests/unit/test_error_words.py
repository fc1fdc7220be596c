"""Errors of jobs and commands are worded as everywhere: the exact text, and no hint with a gap in it."""

from __future__ import annotations

import pytest

from dashboard.callbacks.jobtexts import error_text
from dashboard.cli.admin import _domain_errors
from dashboard.cli.opening import CommandError
from dashboard.i18n import t
from dashboard.services.errors import Conflict


@pytest.mark.parametrize("locale", ["ru", "en"])
def test_a_jobs_error_shows_no_unfilled_hint(locale: str) -> None:
    said = error_text({"code": "too_many_attempts", "params": {}}, locale)
    assert said.startswith(t("errors.too_many_attempts", locale)) and "{" not in said


def test_a_command_says_the_exact_reason() -> None:
    with pytest.raises(CommandError, match="registered already"), _domain_errors():
        raise Conflict(reason="email_taken")
