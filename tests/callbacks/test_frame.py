"""The shell around the pages."""

from __future__ import annotations

import json

import pytest

from dashboard.web import health
from tests.callbacks.visitor import Visitor, text_of


def test_the_frame_knows_its_reader(person: Visitor) -> None:
    frame = text_of(person.get("/_dash-layout"))
    assert "Анна Климова" in frame and "Проба" in frame


def test_no_link_leads_nowhere(person: Visitor) -> None:
    import re

    frame = text_of(person.get("/_dash-layout"))
    links = {link for link in re.findall(r'"href":"(/[^"]*)"', frame) if not link.startswith("/api/")}
    assert "/settings" in links
    for link in links:
        assert person.get(link).status_code == 200, link


def test_a_page_comes_in_the_readers_language_before_any_script(person: Visitor) -> None:
    page = person.get("/settings").get_data(as_text=True)
    assert page.startswith('<!doctype html>\n<html lang="ru" data-bs-theme="light" data-theme="auto">')
    assert "theme.head.js?m=" in page and page.count("theme.head.js") == 1
    assert "Сервер недоступен, завершение операции" in page
    said = json.loads(page.split('id="frame-texts">')[1].split("</script>")[0])["currency_signs"]
    assert (said["GBP"], said["RUB"]) == ("£", "₽"), "what the grids write sums with"
    assert "//" + "cdn" not in page and "http" + "s://" not in page.split("frame-texts")[0]


def test_the_layout_of_one_is_not_in_the_page_of_another(person: Visitor) -> None:
    assert person.email not in person.get("/settings").get_data(as_text=True)


def test_the_change_counter_is_quiet_when_nothing_changed(person: Visitor) -> None:
    first = person.call("change-counter.data")
    counter = first.json["response"]["change-counter"]["data"]
    assert person.call("change-counter.data", change_counter=counter).status_code == 204


def test_alive_and_ready_are_open_and_tell_strangers_no_details(stranger: Visitor, person: Visitor) -> None:
    assert stranger.get("/healthz").json == {"status": "ok"}
    told = stranger.get("/readyz")
    assert told.status_code == 200 and told.json["status"] == "ok"
    assert all("detail" not in check for check in told.json["checks"])
    assert any(check.get("detail") for check in person.get("/readyz").json["checks"])


def test_many_who_ask_at_once_share_one_round_of_checks(stranger: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    rounds: list[int] = []
    monkeypatch.setattr(health, "_recent", health._Recent())
    monkeypatch.setattr(health, "run_checks", lambda settings: rounds.append(1) or [])
    for _ in range(5):
        assert stranger.get("/readyz").status_code == 200
    assert len(rounds) == 1
    health._recent._until = 0.0
    stranger.get("/readyz")
    assert len(rounds) == 2


def test_all_rooms_are_there() -> None:
    import importlib.util

    from dashboard import callbacks, pages

    wanted = [f"dashboard.pages.{name}" for name in pages.MODULES] + [
        f"dashboard.callbacks.{name}" for name in callbacks.MODULES
    ]
    assert [name for name in wanted if importlib.util.find_spec(name) is None] == []
