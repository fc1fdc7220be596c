"""The list of reports: what it offers to whom, and a report's name changed by two people."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from dashboard.callbacks import reports as page
from dashboard.i18n import t
from dashboard.services import drafts, jobs, reports
from dashboard.services.actor import Role
from dashboard.services.records import Report
from dashboard.services.saving import saving
from db.queries import reports as queries
from tests.callbacks.test_draft_forms import actor_of, trigger
from tests.callbacks.visitor import Visitor

PERIOD = {"period_start": "2026-01-01", "period_end": "2026-01-31"}


@pytest.fixture
def made(person: Visitor) -> Report:
    """A report that is over: its job was stopped."""
    actor = actor_of(person)
    ordered = reports.create(actor, PERIOD, deferred=False)
    jobs.cancel(actor, ordered.job_id or 0)
    return reports.get(actor, ordered.id)


def save(person: Visitor, known: Any, name: Any, button: str = "rename-save") -> Any:
    return trigger(person, f"reports-{button}.n_clicks", reports_renamed=known, reports_rename_name=name).json["response"]


def test_the_dialog_saves_the_name_and_its_draft_goes(person: Visitor, made: Report) -> None:
    actor = actor_of(person)
    drafts.keep(actor, "report-name", made.id, {"reports-rename-name": "Янв"}, made.version)
    answer = save(person, {"id": made.id, "name": made.name}, "Январь")
    assert answer["reports-renaming"]["is_open"] is False and "Январь" in str(answer["reports-list"])
    assert reports.get(actor, made.id).name == "Январь"
    assert drafts.find(actor, "report-name", made.id) is None


def test_another_name_meanwhile_is_told_before_it_is_replaced(person: Visitor, made: Report) -> None:
    actor = actor_of(person)
    reports.edit(actor, made.id, {"name": "От Анны"})
    answer = trigger(
        person, "reports-rename-save.n_clicks", reports_renamed={"id": made.id, "name": made.name}, reports_rename_name="Мой"
    )
    assert answer.json["response"]["reports-renaming"]["is_open"] is True
    assert answer.json["response"]["reports-rename-problem"]["children"] == t("reports.renamed_meanwhile", "ru", name="От Анны")
    assert reports.get(actor, made.id).name == "От Анны"
    known = answer.json["sideUpdate"]["reports-renamed"]["data"]
    assert save(person, known, "Мой")["reports-renaming"]["is_open"] is False
    assert reports.get(actor, made.id).name == "Мой"


def test_a_report_that_is_finished_meanwhile_is_no_conflict(person: Visitor, made: Report) -> None:
    actor = actor_of(person)
    with saving(actor, "reports.finish", "") as connection:
        queries.keep_result(connection, made.id, None, made.created_at)  # type: ignore[arg-type]  # no file is looked at
    assert reports.get(actor, made.id).version > made.version
    assert save(person, {"id": made.id, "name": made.name}, "Январь")["reports-renaming"]["is_open"] is False


@pytest.mark.parametrize("name", ["", "x" * 201])
def test_a_name_that_is_none_stays_in_the_dialog(person: Visitor, made: Report, name: str) -> None:
    answer = save(person, {"id": made.id, "name": made.name}, name)
    assert answer["reports-renaming"]["is_open"] is True and answer["reports-rename-problem"]["children"]


def test_cancelling_changes_nothing(person: Visitor, made: Report) -> None:
    save(person, {"id": made.id, "name": made.name}, "Январь", "rename-cancel")
    assert reports.get(actor_of(person), made.id).name == made.name


@pytest.mark.parametrize("known", [None, 5, {}, {"id": "1"}])
def test_a_made_up_report_changes_nothing(person: Visitor, known: Any) -> None:
    answer = trigger(person, "reports-rename-save.n_clicks", reports_renamed=known, reports_rename_name="Х")
    assert answer.status_code == 204


def test_what_the_list_offers(person: Visitor, made: Report) -> None:
    actor = actor_of(person)
    offered = {}
    for name, role, member in (
        ("administrator", Role.ADMINISTRATOR, 0), ("own", Role.REP, 0), ("other's", Role.REP, 1), ("reader", Role.READER, 0),
    ):  # fmt: skip
        shown = str(page._results(replace(actor, role=role, member_id=actor.member_id + member))[0])
        offered[name] = [what for what in ("cancel", "again", "rename", "delete") if f"'do': '{what}'" in shown]
    everything = ["again", "rename", "delete"]
    assert offered == {"administrator": everything, "own": everything, "other's": ["again"], "reader": []}
