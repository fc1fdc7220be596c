"""The client page's services: contacts, own fields, the timeline, purchases that add up."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from dashboard.services import analytics, clients, contact_points, custom_fields, deals, interactions, purchases, timeline
from dashboard.services.actor import Role
from dashboard.services.analytics import ListQuery
from dashboard.services.errors import Forbidden, Invalid, NotFound, StaleVersion
from dashboard.services.timeline import TimelineQuery
from tests.conftest import Account


def codes(error: pytest.ExceptionInfo[Invalid]) -> list[tuple[str, str]]:
    return [(problem.pointer, problem.code) for problem in error.value.problems]


def test_further_contacts_are_normalised_and_unique(account: Account) -> None:
    client = clients.create(account.actor, {"name": "А"})
    given = {"kind": "phone", "value": "8 (495) 123-45-67", "label": "Склад"}
    phone = contact_points.add_point(account.actor, client.id, given)
    assert (phone.value, phone.label) == ("+74951234567", "Склад")
    with pytest.raises(Invalid) as caught:
        contact_points.add_point(account.actor, client.id, {"kind": "phone", "value": "+7 495 123 45 67"})
    assert codes(caught) == [("value", "contact_taken")]
    with pytest.raises(Invalid) as caught:
        contact_points.add_point(account.actor, client.id, {"kind": "email", "value": "не почта"})
    assert codes(caught) == [("value", "bad_email")]
    changed = contact_points.edit_point(account.actor, phone.id, {"label": "Офис"}, phone.version)
    with pytest.raises(StaleVersion):
        contact_points.edit_point(account.actor, phone.id, {"label": "Склад"}, phone.version)
    contact_points.remove_point(account.actor, phone.id, changed.version)
    assert contact_points.list_points(account.actor, client.id) == []


def test_a_contact_belongs_to_a_person_of_the_same_client(account: Account) -> None:
    first, second = (clients.create(account.actor, {"name": name}) for name in "АБ")
    person = clients.add_person(account.actor, second.id, {"name": "Пётр", "role": "pays", "phone": "8 912 345-67-89"})
    assert (person.role, person.phone) == ("pays", "+79123456789")
    given = {"kind": "messenger", "value": "@petr", "person_id": person.id}
    with pytest.raises(Invalid) as caught:
        contact_points.add_point(account.actor, first.id, given)
    assert codes(caught) == [("person_id", "person_of_other_client")]
    assert contact_points.add_point(account.actor, second.id, given).person_name == "Пётр"


def test_contacts_keep_to_rights_and_accounts(account: Account) -> None:
    client = clients.create(account.actor, {"name": "А"})
    point = contact_points.add_point(account.actor, client.id, {"kind": "address", "value": "Тула, ул. Мира, 1"})
    with pytest.raises(Forbidden):
        contact_points.add_point(account.actor_as(Role.READER), client.id, {"kind": "address", "value": "Омск"})
    rep = account.actor_as(Role.REP, only_own=True)
    for stranger in (rep, account.other().actor):
        with pytest.raises(NotFound):
            contact_points.list_points(stranger, client.id)
        with pytest.raises(NotFound):
            contact_points.edit_point(stranger, point.id, {"value": "Омск"})


def test_own_fields_check_the_values_of_clients(account: Account) -> None:
    size = custom_fields.add_field(account.actor, "clients", {"name": "Склад, м²", "kind": "number"})
    kind = custom_fields.add_field(
        account.actor, "clients", {"name": "Тип", "kind": "choice", "choices": "сеть\nточка\nсеть", "required": True}
    )
    assert kind.choices == ("сеть", "точка")
    with pytest.raises(Invalid) as caught:
        clients.create(account.actor, {"name": "А", "custom": {size.key: "много"}})
    assert codes(caught) == [(f"custom/{size.key}", "not_a_number"), ("custom/Тип", "required")]
    made = clients.create(account.actor, {"name": "А", "custom": {size.key: "1 200,5", "Тип": "сеть", "прочее": "x"}})
    assert made.custom == {size.key: 1200.5, "Тип": "сеть", "прочее": "x"}
    with pytest.raises(Invalid) as caught:
        clients.edit(account.actor, made.id, {"custom": {**made.custom, "Тип": "ларёк"}})
    assert codes(caught) == [("custom/Тип", "not_allowed")]
    assert clients.edit(account.actor, made.id, {"city": "Омск"}).custom == made.custom


def test_an_archived_field_asks_nothing_and_keeps_values(account: Account) -> None:
    field = custom_fields.add_field(account.actor, "clients", {"name": "Дата", "kind": "date", "required": True})
    made = clients.create(account.actor, {"name": "А", "custom": {"Дата": "31.12.2026"}})
    assert made.custom == {"Дата": "2026-12-31"}
    custom_fields.archive_field(account.actor, field.id)
    assert custom_fields.list_fields(account.actor, "clients") == []
    assert clients.create(account.actor, {"name": "Б"}).custom == {}
    assert clients.get(account.actor, made.id).custom == {"Дата": "2026-12-31"}


def test_own_fields_are_named_once_ordered_and_the_administrators(account: Account) -> None:
    made = [custom_fields.add_field(account.actor, "deals", {"name": name, "kind": "text"}) for name in ("А", "Б", "В")]
    with pytest.raises(Invalid) as caught:
        custom_fields.add_field(account.actor, "deals", {"name": "а", "kind": "date"})
    assert codes(caught) == [("name", "field_taken")]
    with pytest.raises(Invalid) as caught:
        custom_fields.edit_field(account.actor, made[0].id, {"kind": "number"})
    assert codes(caught) == [("kind", "kind_stays")]
    assert [field.name for field in custom_fields.move_field(account.actor, made[2].id, -1)] == ["А", "В", "Б"]
    with pytest.raises(Forbidden):
        custom_fields.add_field(account.actor_as(Role.MANAGER), "deals", {"name": "Г", "kind": "text"})


def test_the_story_is_one_order_of_everything(account: Account) -> None:
    client = clients.create(account.actor, {"name": "А"})
    deal = deals.create(account.actor, {"title": "Линия", "client_id": client.id, "amount": "100"})
    interactions.add(account.actor, {"client_id": client.id, "kind": "call", "subject": "Знакомство"})
    clients.edit(account.actor, client.id, {"city": "Тула"})
    story = timeline.of_client(account.actor, client.id)
    assert [entry.kind for entry in story.entries] == ["change", "call", "deal", "change"]
    assert story.entries[2].deal_id == deal.id
    assert [change.field for change in story.entries[0].changed.changes] == ["city"]  # type: ignore[union-attr]
    assert story.next is None


def test_long_and_odd_texts_come_back_as_they_were_written(account: Account) -> None:
    client = clients.create(account.actor, {"name": "שלום 👩‍👩‍👧 ООО"})
    body = ("مرحبا 🌷 ё " * 1_000)[:10_000].strip()
    interactions.add(account.actor, {"client_id": client.id, "kind": "note", "body": body})
    assert timeline.of_client(account.actor, client.id, TimelineQuery(kinds=("note",))).entries[0].body == body
    for day, code in (("1899-12-31", "date_range"), ("31.02.2026", "not_a_date")):
        field = custom_fields.add_field(account.actor, "clients", {"name": day, "kind": "date"})
        with pytest.raises(Invalid) as caught:
            clients.edit(account.actor, client.id, {"custom": {field.key: day}})
        assert codes(caught) == [(f"custom/{field.key}", code)]
    ends = {"1899-12-31": "01.01.1900", "31.02.2026": "9999-12-31"}
    assert clients.edit(account.actor, client.id, {"custom": ends}).custom == {
        "1899-12-31": "1900-01-01", "31.02.2026": "9999-12-31",
    }


def test_pages_of_the_story_have_every_entry_once(account: Account) -> None:
    client = clients.create(account.actor, {"name": "А"})
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    made = [
        interactions.add(account.actor, {
            "client_id": client.id, "kind": "note", "body": str(number), "happened_at": (moment + timedelta(days=number // 3)),
        }).id for number in range(20)
    ]  # fmt: skip
    seen, after = [], None
    while True:
        page = timeline.of_client(account.actor, client.id, TimelineQuery(kinds=("note", "change"), after=after, limit=6))
        seen += [(entry.kind, entry.id) for entry in page.entries]
        after = page.next
        if after is None:
            break
    assert len(seen) == len(set(seen)) == 21
    assert [row_id for kind, row_id in seen if kind == "note"] == sorted(made, reverse=True)


def test_the_story_is_filtered_by_kind_author_and_days(account: Account) -> None:
    client = clients.create(account.actor, {"name": "А"})
    colleague = account.actor_as(Role.MANAGER)
    old = interactions.add(account.actor, {"client_id": client.id, "kind": "call", "happened_at": "2025-05-05T12:00:00"})
    interactions.add(colleague, {"client_id": client.id, "kind": "task", "subject": "Перезвонить"})
    by_kind = timeline.of_client(account.actor, client.id, TimelineQuery(kinds=timeline.CONTACTS))
    assert [entry.id for entry in by_kind.entries] == [old.id]
    mine = timeline.of_client(account.actor, client.id, TimelineQuery(author_id=colleague.member_id))
    assert [entry.subject for entry in mine.entries] == ["Перезвонить"]
    day = TimelineQuery(since=date(2025, 5, 5), until=date(2025, 5, 5))
    assert [entry.id for entry in timeline.of_client(account.actor, client.id, day).entries] == [old.id]
    backwards = TimelineQuery(since=date(2026, 1, 2), until=date(2026, 1, 1))
    for bad in (TimelineQuery(kinds=("x",)), TimelineQuery(after="1|2"), backwards):
        with pytest.raises(Invalid):
            timeline.of_client(account.actor, client.id, bad)
    last = TimelineQuery(since=date(1900, 1, 1), until=date(9999, 12, 31))
    assert len(timeline.of_client(account.actor, client.id, last).entries) == 3
    with pytest.raises(NotFound):
        timeline.of_client(account.other().actor, client.id)


def test_purchases_add_up_to_the_rows_behind_each_figure(account: Account) -> None:
    client = clients.create(account.actor, {"name": "А"})
    won = next(stage.id for stage in account.pipeline.stages if stage.kind == "won")
    bought = (("2026-01-31T22:30:00+00:00", "100.10"), ("2026-03-01T09:00:00", "200"), ("2026-03-31T09:00:00", "0.05"))
    for day, amount in bought:
        deals.create(account.actor, {
            "title": "С", "client_id": client.id, "stage_id": won, "opened_at": "2026-01-01", "closed_at": day,
            "lines": [{"description": "Плёнка", "quantity": 1, "price": amount}],
        })
    deals.create(account.actor, {"title": "Открытая", "client_id": client.id, "amount": "999"})
    found = purchases.of_client(account.actor, client.id)
    assert (found.count, found.amount, found.average) == (3, Decimal("300.15"), Decimal("100.05"))
    assert [(month.first, month.count) for month in found.months] == [(date(2026, 2, 1), 1), (date(2026, 3, 1), 2)]
    assert found.every_days == round((date(2026, 3, 31) - date(2026, 2, 1)).days / 2)
    asked = [(found.filter, found.count, found.amount), *((month.filter, month.count, month.amount) for month in found.months)]
    for text, count, amount in asked:
        sums = analytics.totals(account.actor, "deals", ListQuery(filter=text))
        assert (sums.count, sums.sums["amount"]) == (count, int(amount * 100))
    goods = purchases.goods(account.actor, client.id)
    assert sum(good.amount for good in goods) == found.amount
    assert sum(line.amount for line in purchases.lines(account.actor, client.id, None, "Плёнка")) == goods[0].amount
    assert purchases.health(account.actor, client.id).deals == {"won": 3, "open": 1}
    with pytest.raises(NotFound):
        purchases.of_client(account.other().actor, client.id)


def test_a_client_who_never_bought_has_no_figures(account: Account) -> None:
    client = clients.create(account.actor, {"name": "А"})
    found = purchases.of_client(account.actor, client.id)
    assert (found.count, found.average, found.last, found.every_days, found.months) == (0, None, None, None, [])
    health = purchases.health(account.actor, client.id)
    assert (health.rhythm, health.task_id, health.contact_at) == ("none", None, None)


@pytest.mark.parametrize(
    ("since", "every", "said"), [(0, None, "new"), (10, 10, "steady"), (20, 10, "late"), (40, 10, "lost"), (4, 0, "lost")]
)
def test_the_rhythm_is_the_clients_own(since: int, every: int | None, said: str) -> None:
    found = purchases.Purchases(2, Decimal(1), None, None, None, since, every, "", "")
    assert purchases.rhythm(found) == said
