"""Forms beside those of records: what is typed into them is kept until it is saved or turned down, and not a moment less."""

from __future__ import annotations

from typing import Any

import pytest
from werkzeug.test import TestResponse

from dashboard.services import accounts, deals, drafts, views
from dashboard.services.actor import Actor
from tests.callbacks.visitor import Visitor, body_of, text_of

#: form → what saves it (id and property), what is given, and something that is refused, if anything can be.
FORMS: dict[str, tuple[str, dict[str, Any], dict[str, Any] | None]] = {
    "profile": (
        "settings-save.n_clicks",
        {"settings_name": "Анна", "settings_language": "ru", "settings_theme": "auto"}, {"settings_name": ""},
    ),
    "account": ("account-save.n_clicks", {}, None),
    "key-new": ("keys-create.n_clicks", {"keys_name": "1С", "keys_scopes": ["read"]}, {"keys_name": ""}),
    "report": (
        "reports-create.n_clicks",
        {"reports_kind": "sales_summary", "reports_start": "2026-01-01", "reports_end": "2026-02-01",
         "reports_compare": "none", "reports_language": "ru", "reports_format": "csv"},
        {"reports_filter": "amount > >"},
    ),
    "dashboard-new": (
        "overview-board-save-as.n_clicks", {"overview_board_name": "Мой"}, {"overview_board_name": ""},
    ),
    "clients-view": (
        "clients-view-columns.data", {"clients_view_save": 1, "clients_view_name": "Мой"}, {"clients_view_name": ""},
    ),
    "rate": ("rates-cancel.n_clicks", {}, None),
    "clients-many": ("clients-many-no.n_clicks", {}, None),
}  # fmt: skip
PAGES = {
    "profile": "/settings", "key-new": "/settings/keys", "report": "/reports", "dashboard-new": "/",
    "clients-view": "/clients", "clients-many": "/clients", "rate": "/settings/rates", "rate-file": "/settings/rates",
    "deal-lost": "/deals/board", "advice-dismissal": "/ai",
}


def actor_of(person: Visitor) -> Actor:
    return accounts.actor_by_email(person.email)


def kept(person: Visitor, form: str, row: int = 0) -> bool:
    return drafts.find(actor_of(person), form, row) is not None


def keep(person: Visitor, form: str, row: int = 0) -> None:
    body = {"form": form, "row": row, "values": {"some-field": {"value": "начато"}}, "version": None}
    assert person.ask("/_drafts/keep", body).status_code == 200 and kept(person, form, row)


def trigger(person: Visitor, what: str, named: dict[str, Any] | None = None, **values: Any) -> TestResponse:
    """Press ``what`` (id and property); ``named``: fields of a form by name."""
    source, prop = what.rsplit(".", 1)
    map_ = person.app.callback_map
    output = next(
        key for key, entry in map_.items()
        if "callback" in entry and any((one["id"], one["property"]) == (source, prop) for one in entry["inputs"])
    )  # fmt: skip
    body = body_of(person.app, output, what, {source.replace("-", "_"): 1, **values})
    for part in body["state"]:
        if isinstance(part, dict) and isinstance(part["id"], dict):
            part["value"] = (named or {}).get(part["id"].get("name"))
    return person.post(body)


@pytest.mark.parametrize("form", PAGES)
def test_the_form_stands_on_its_page_and_marks_itself(person: Visitor, form: str) -> None:
    output = next(key for key in person.app.callback_map if "_pages_content.children" in key)
    body = body_of(person.app, output, "_pages_location.pathname")
    for part in body["inputs"]:
        part["value"] = {"pathname": PAGES[form], "search": ""}.get(part["property"])
    assert f'"data-draft":"{form}"' in text_of(person.post(body))


@pytest.mark.parametrize("form", FORMS)
def test_a_draft_goes_with_what_it_became_and_stays_with_what_was_refused(person: Visitor, form: str) -> None:
    what, given, refused = FORMS[form]
    keep(person, form)
    if refused is not None:
        trigger(person, what, **{**given, **refused})
        assert kept(person, form)
    assert trigger(person, what, **given).status_code in (200, 204)
    assert not kept(person, form)


def test_a_rate_that_was_refused_stays_a_draft(person: Visitor) -> None:
    keep(person, "rate")
    trigger(person, "rates-save.n_clicks")
    assert kept(person, "rate")


def test_a_reason_of_a_loss_is_the_deals_own(person: Visitor) -> None:
    actor = actor_of(person)
    deal, other = (deals.create(actor, {"title": title}) for title in ("Одна", "Другая"))
    for one in (deal, other):
        keep(person, "deal-lost", one.id)
    place = {"deal_id": deal.id, "deal_version": deal.version}
    trigger(person, "deal-lost-yes.n_clicks", {}, **place)  # neither a reason nor a word
    assert kept(person, "deal-lost", deal.id)
    trigger(person, "deal-lost-yes.n_clicks", {"lost_comment": "Ушли"}, **{**place, "deal_version": deal.version + 5})
    assert kept(person, "deal-lost", deal.id)  # somebody else was quicker
    assert trigger(person, "deal-lost-yes.n_clicks", {"lost_comment": "Ушли"}, **place).status_code == 200
    assert deals.get(actor, deal.id).status == "lost"
    assert not kept(person, "deal-lost", deal.id) and kept(person, "deal-lost", other.id)


def test_a_piece_of_advice_that_is_not_turned_down_after_all(person: Visitor) -> None:
    keep(person, "advice-dismissal", 7)
    trigger(person, "advice-no.n_clicks", advice_aside=7)
    assert not kept(person, "advice-dismissal", 7)


def test_a_view_is_made_once(person: Visitor) -> None:
    what, given, _ = FORMS["clients-view"]
    trigger(person, what, **given)
    assert [view.name for view in views.list_views(actor_of(person), "clients")] == ["Мой"]
