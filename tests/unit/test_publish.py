"""The README's figures are those of docs/speed.md, and docs/speed.md says what a run measured."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks import publish


def test_the_readme_shows_what_docs_speed_says() -> None:
    readme = publish.README.read_text("utf-8").partition(publish.BEGIN)[2].partition(publish.END)[0]
    assert readme == publish.shown(publish.SPEED.read_text("utf-8"))


def test_a_run_becomes_a_part_and_other_parts_stay(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    speed, readme, run = tmp_path / "speed.md", tmp_path / "README.md", tmp_path / "run.json"
    monkeypatch.setattr(publish, "SPEED", speed)
    monkeypatch.setattr(publish, "README", readme)
    monkeypatch.setattr(publish, "SHOWN", ("copy: first fill",))
    readme.write_text(f"above\n{publish.BEGIN}old\n{publish.END}\nbelow\n", "utf-8")
    figures = [
        {"name": "copy: first fill", "result": 4.26, "unit": "s", "limit": 4, "beside": None, "bare": None},
        {"name": "a scan", "result": 10.0, "unit": "ms", "limit": None, "beside": 250.0, "bare": 31.0},
    ]
    about = {"deals": 1000, "clients": 100, "seed": "s"}
    run.write_text(json.dumps({**about, "parts": [{"name": "replica", "machine": "2 cores", "figures": figures}]}), "utf-8")
    publish.main([str(run)])
    run.write_text(json.dumps({**about, "parts": [{"name": "api", "machine": "3 cores", "figures": []}]}), "utf-8")
    publish.main([str(run)])
    parts = publish.parts_of(speed.read_text("utf-8"))
    assert set(parts) == {"replica", "api"} and "3 cores" in parts["api"]
    assert "| copy: first fill | 4.0 s | **4.3 s** |  |  |  |  |" in parts["replica"]
    assert "| a scan |  | 10.0 ms | 250 ms | 25.0 | 31.0 ms | 3.1 |" in parts["replica"]
    text = readme.read_text("utf-8")
    assert text.startswith("above\n") and text.endswith("\nbelow\n") and "**4.3 s**" in text and "a scan" not in text
