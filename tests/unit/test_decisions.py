"""The decisions' pages are numbered one after another and stand in their list."""

from __future__ import annotations

from pathlib import Path

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "decisions"


def test_decisions_are_numbered_and_listed() -> None:
    wanted = []
    for number, page in enumerate(sorted(FOLDER.glob("0*.md")), 1):
        title = page.read_text("utf-8").splitlines()[0].removeprefix("# ")
        assert page.name.startswith(f"{number:04d}-") and title.startswith(f"{number}. "), page.name
        wanted.append(f"{number}. [{title.partition('. ')[2]}]({page.name})")
    listed = [line for line in (FOLDER / "README.md").read_text("utf-8").splitlines() if line[:1].isdigit()]
    assert listed == wanted
