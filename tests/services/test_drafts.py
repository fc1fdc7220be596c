"""Drafts: kept per member and form, offered with a word about newer data, bounded, never anybody else's."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dashboard.services import clients, drafts, tasks
from dashboard.services.actor import Role
from dashboard.services.errors import Invalid, TooLarge
from dashboard.services.tasks import TaskForm
from tests.conftest import Account

NOTES = ["ы" * 10_000, "\u202eабв", "👩‍👩‍👧", "a\x00b", "\ud800"]
TITLE = '{"name":"title","type":"deal-field"}'


def test_a_draft_comes_back_and_goes_when_saved(account: Account) -> None:
    drafts.keep(account.actor, "deals-new", 0, {TITLE: {"value": "Линия"}}, None, "phone")
    drafts.keep(account.actor, "deals-new", 0, {TITLE: {"value": "Линия 2"}}, None, "computer")
    found = drafts.find(account.actor, "deals-new", 0)
    assert found is not None and found.values == {TITLE: {"value": "Линия 2"}}
    assert (found.device, found.stale) == ("computer", False)
    drafts.drop(account.actor, "deals-new")
    assert drafts.find(account.actor, "deals-new", 0) is None


def test_a_draft_of_an_older_version_says_so(account: Account) -> None:
    client = clients.create(account.actor, {"name": "Заря"})
    drafts.keep(account.actor, "client", client.id, {TITLE: {"value": "x"}}, client.version)
    assert not drafts.find(account.actor, "client", client.id).stale  # type: ignore[union-attr]
    clients.edit(account.actor, client.id, {"city": "Тверь"})
    assert drafts.find(account.actor, "client", client.id).stale  # type: ignore[union-attr]
    clients.delete(account.actor, client.id)
    kept = drafts.find(account.actor, "client", client.id)
    assert kept is not None and kept.stale, "the text of a deleted record's form is not lost"


def test_drafts_are_their_members_own(account: Account) -> None:
    drafts.keep(account.actor, "clients-new", 0, {TITLE: {"value": "тайна"}})
    assert drafts.find(account.actor_as(Role.MANAGER), "clients-new", 0) is None
    assert drafts.find(account.other().actor, "clients-new", 0) is None


def test_old_ones_make_room(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drafts, "MOST", 3)
    for row in range(1, 6):
        drafts.keep(account.actor, "client-contact", row, {"x": {"value": row}})
    assert [row for row in range(1, 6) if drafts.find(account.actor, "client-contact", row)] == [3, 4, 5]


@pytest.mark.parametrize(
    ("form", "row", "values", "version"),
    [
        ("", 0, {}, None), ("Deal", 0, {}, None), ("x" * 65, 0, {}, None), (None, 0, {}, None), ("deal", -1, {}, None),
        ("deal", 2**63, {}, None), ("deal", True, {}, None), ("deal", "1", {}, None), ("deal", 1, [], None),
        ("deal", 1, {"a": {"b": {"c": {"d": {"e": 1}}}}}, None), ("deal", 1, {}, 0), ("deal", 1, {}, 2**31),
    ],
)
def test_shapeless_drafts_are_refused(account: Account, form: object, row: object, values: object, version: object) -> None:
    with pytest.raises(Invalid):
        drafts.keep(account.actor, form, row, values, version)  # type: ignore[arg-type]


def test_too_much_is_refused(account: Account) -> None:
    with pytest.raises(TooLarge):
        drafts.keep(account.actor, "deal", 1, {"notes": {"value": "ы" * drafts.LARGEST}})


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(text=st.text(max_size=200), number=st.floats(), notes=st.sampled_from(NOTES))
def test_whatever_is_typed_is_kept(account: Account, text: str, number: float, notes: str) -> None:
    drafts.keep(account.actor, "deal", 7, {text: {"value": text}, "n": {"value": number}, "notes": {"value": notes}})
    found = drafts.find(account.actor, "deal", 7)
    assert found is not None
    assert found.values["notes"]["value"] == drafts.cleaned(notes)


def test_a_tasks_draft_is_older_once_the_task_was_moved(account: Account) -> None:
    task = tasks.add(account.actor, TaskForm("Счёт", "2026-12-01"), clients.create(account.actor, {"name": "А"}).id)
    drafts.keep(account.actor, "task", task.id, {"tasks-text": {"value": "Счёт и акт"}}, task.version)
    assert not getattr(drafts.find(account.actor, "task", task.id), "stale", True)
    tasks.move(account.actor, task.id, date(2026, 12, 2), task.version)
    assert getattr(drafts.find(account.actor, "task", task.id), "stale", False)
