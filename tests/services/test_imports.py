"""Import: every row is loaded or refused with a reason, and the whole can be undone."""

from __future__ import annotations

import io
from decimal import Decimal
from typing import Any

import pytest
import xlsxwriter
from sqlalchemy import text

from dashboard.jobs import runner
from dashboard.services import clients, context, deals, files, history, imports, jobs, pipelines
from dashboard.services.actor import Actor, Role
from dashboard.services.errors import BadFile, Forbidden, Invalid, NotFound
from dashboard.services.inputs import ClientInput
from tests.conftest import Account

CLIENTS = (
    "Наименование;ИНН;Тел.;Город;Менеджер;Оборот\nООО «Ромашка»;7707083893;8 (921) 555-44-10;Москва;Климова А.;12 480 000,50\n"
)
DEALS = (
    "Номер сделки;Клиент;Этап сделки;Сумма, руб.;Дата создания;Дата закрытия;Ответственный\n"
    "Д-1;ООО «Ромашка»;Переговоры;100 000,50;01.02.2026;;Климова А.\n"
    "Д-2;Новый клиент;Выиграна;5000;03.02.2026;10.02.2026;Климова А.\n"
    "Д-3;;Отказ;0;05.02.2026;06.02.2026;\n"
)
SALES = (
    "Номер накладной;Артикул;Товар;Количество;Цена;Дата;Код клиента\n"
    "10;A-1;Болт;10;5,5;01.03.2026;77.0\n10;A-2;Гайка;1;2,25;01.03.2026;77.0\nC11;A-1;Болт;-2;5,5;02.03.2026;77.0\n"
)


def load(actor: Actor, content: str | bytes, name: str = "f.csv", **changes: Any) -> dict[str, Any]:
    stored = imports.upload(actor, name, content.encode("utf-8") if isinstance(content, str) else content)
    seen = imports.inspect(actor, stored.id, entity=changes.get("entity"))
    data = {
        "file_id": stored.id,
        "entity": seen.entity,
        "mapping": seen.mapping,
        "shape": seen.shape,
        "profile": seen.profile,
        **changes,
    }
    job = imports.start(actor, data, deferred=False)
    runner.run(actor.account_id, job.id)
    ended = jobs.get(actor, job.id)
    assert ended.status == "done" and ended.result is not None, ended.error
    return ended.result


def ask(actor: Actor, query: str) -> list[Any]:
    with context.database().unit_of_work(context.scope(actor)) as connection:
        return [tuple(row) for row in connection.execute(text(query))]


def counts(result: dict[str, Any]) -> tuple[int, int, int, int]:
    return result["created"], result["updated"], result["skipped"], result["rejected"]


def test_clients_are_made_then_known_again(account: Account) -> None:
    first = load(account.actor, CLIENTS.encode("cp1251"))
    assert counts(first) == (1, 0, 0, 0) and first["members"] == 1
    assert ask(account.actor, "select name, inn, phone, city, custom ->> 'Оборот' from clients") == [
        ("ООО «Ромашка»", "7707083893", "+79215554410", "Москва", "12 480 000,50")
    ]
    assert counts(load(account.actor, CLIENTS)) == (0, 0, 0, 0), "nothing differs, so nothing gets a new version"
    changed = CLIENTS.replace("Москва", "Тверь").replace("Ромашка", "Ромашка и Ко")
    assert counts(load(account.actor, changed)) == (0, 1, 0, 0), "the INN says who it is"
    assert ask(account.actor, "select city, version from clients") == [("Тверь", 2)]


def test_blank_cells_leave_what_is_stored(account: Account) -> None:
    load(account.actor, CLIENTS)
    load(account.actor, "Наименование;ИНН;Тел.;Город\nООО «Ромашка»;7707083893;;\n")
    assert ask(account.actor, "select phone, city from clients") == [("+79215554410", "Москва")]


@pytest.mark.parametrize(("mode", "expected"), [("create", (1, 0, 1, 0)), ("update", (0, 1, 0, 1)), ("both", (1, 1, 0, 0))])
def test_modes(account: Account, mode: str, expected: tuple[int, int, int, int]) -> None:
    load(account.actor, "name;city\nАльфа;Москва\n", entity="clients")
    assert counts(load(account.actor, "name;city\nАльфа;Тверь\nБета;Омск\n", entity="clients", mode=mode)) == expected


def test_refused_rows_come_back_as_a_file_with_reasons(account: Account) -> None:
    content = 'name;inn;email\nАльфа;770708389;a@example.com\nБета;;"=cmd()@x"\nГамма;;g@example.com\nГамма;;h@example.com\n;;\n;;x@example.com\n'  # noqa: E501
    result = load(account.actor, content, entity="clients")
    assert counts(result) == (1, 0, 0, 4)
    _, body = files.open_file(account.actor, result["rejected_file_id"])
    lines = body.decode("utf-8-sig").splitlines()
    assert lines[0].startswith("name;inn;email;")
    assert [line.split(";")[0] for line in lines[1:]] == ["Альфа", "Бета", "Гамма", ""]
    assert ";'=cmd()@x;" in lines[2] and "7707083" in lines[1]
    assert lines[3].endswith("Повтор строки 4")


def test_a_row_in_another_currency_is_taken_in_it(account: Account) -> None:
    text = "Номер сделки;Клиент;Сумма;Валюта\n1;А;100;RUB\n2;Б;100;евро\n3;В;100;EUR\n"
    result = load(account.actor, text, entity="deals")
    assert (result["created"], result["rejected"]) == (2, 1)
    assert result["problems"][0]["code"] == "unknown_currency"
    found = ask(account.actor, "select external_id, amount, currency from deals order by external_id")
    assert found == [("1", 100, "RUB"), ("3", 100, "EUR")]


def test_one_deal_in_two_currencies_is_refused(account: Account) -> None:
    text = (
        "Номер накладной;Товар;Количество;Цена;Дата;Валюта\n"
        "10;Болт;1;5,5;01.03.2026;RUB\n10;Гайка;1;5,5;01.03.2026;EUR\n11;Болт;1;2,5;02.03.2026;EUR\n"
    )
    result = load(account.actor, text)
    assert (result["created"], result["rejected"]) == (1, 2), result
    assert result["problems"][0]["code"] == "import_mixed_currency"


def test_a_trial_run_counts_and_changes_nothing(account: Account) -> None:
    result = load(account.actor, CLIENTS, dry_run=True)
    assert counts(result) == (1, 0, 0, 0) and result["changeset_id"] is None
    assert ask(account.actor, "select count(*) from clients") == [(0,)]
    assert ask(account.actor, "select count(*) from changesets where kind like 'import%'") == [(0,)]


def test_deals_with_stages_people_and_history(account: Account) -> None:
    load(account.actor, CLIENTS)
    result = load(account.actor, DEALS)
    assert counts(result) == (3, 0, 0, 0) and (result["clients"], result["members"]) == (1, 0)
    rows = ask(
        account.actor,
        "select d.external_id, d.status, d.amount, (d.opened_at at time zone 'Europe/Moscow')::date::text, c.name, s.kind "
        "from deals d join stages s on s.id = d.stage_id left join clients c on c.id = d.client_id order by 1",
    )
    assert rows == [
        ("Д-1", "open", Decimal("100000.50"), "2026-02-01", "ООО «Ромашка»", "open"),
        ("Д-2", "won", Decimal("5000.00"), "2026-02-03", "Новый клиент", "won"),
        ("Д-3", "lost", Decimal("0.00"), "2026-02-05", None, "lost"),
    ]
    events = ask(
        account.actor, "select count(*) from stage_events e join deals d on d.id = e.deal_id where e.to_stage_id = d.stage_id"
    )
    assert events == [(3,)]
    moved = load(account.actor, DEALS.replace("Переговоры;100 000,50;01.02.2026;;", "Выиграна;90 000;01.02.2026;20.02.2026;"))
    assert counts(moved) == (0, 1, 0, 0)
    assert ask(account.actor, "select status, amount from deals where external_id = 'Д-1'") == [("won", Decimal("90000.00"))]
    assert counts(load(account.actor, "Номер сделки;Сумма, руб.\nД-1;91 000\n", entity="deals")) == (0, 1, 0, 0)
    assert ask(
        account.actor,
        "select status, (opened_at at time zone 'Europe/Moscow')::date::text from deals where external_id = 'Д-1'",
    ) == [("won", "2026-02-01")]


def test_lines_of_invoices_make_purchases_and_returns(account: Account) -> None:
    result = load(account.actor, SALES)
    assert result["entity"] == "sales" and counts(result) == (2, 0, 0, 0)
    assert (result["lines"], result["products"], result["clients"]) == (3, 2, 1)
    assert ask(account.actor, "select external_id, status, amount, title from deals order by 1") == [
        ("10", "won", Decimal("57.25"), "Продажа 10"),
        ("C11", "won", Decimal("-11.00"), "Возврат C11"),
    ]
    assert ask(account.actor, "select name, external_id from clients") == [("Клиент 77", "77")]
    assert counts(load(account.actor, SALES)) == (0, 0, 0, 0)
    assert counts(load(account.actor, SALES.replace("10;A-2;Гайка;1", "10;A-2;Гайка;3"))) == (0, 1, 0, 0)
    assert ask(account.actor, "select sum(amount) from deal_lines where deleted_at is null") == [(Decimal("50.75"),)]
    assert ask(account.actor, "select sum(amount) from deals") == [(Decimal("50.75"),)]


def test_names_are_read_as_people_read_them(account: Account) -> None:
    load(account.actor, "product,series,sales_price\nGTX Pro,GTX,4821\nЁлка,GTX,10\n")
    result = load(account.actor, "deal,product,amount\nA,GTXPro,1\nB,gtx  pro,2\nC,елка,3\n", entity="deals")
    assert result["products"] == 0
    assert {notice["params"]["meant"] for notice in result["notices"] if notice["key"] == "imports.notice.read_as"} == {
        "GTX Pro",
        "Ёлка",
    }


def test_products_from_a_workbook_with_real_numbers_and_days(account: Account) -> None:
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out)
    sheet = book.add_worksheet()
    for place, row in enumerate([["Артикул", "Наименование", "Цена"], ["A-1", "Болт", 5.5], [1234, "Гайка", 7]]):
        sheet.write_row(place, 0, row)
    book.close()
    assert counts(load(account.actor, out.getvalue(), "Товары.xlsx")) == (2, 0, 0, 0)
    assert ask(account.actor, "select sku, name, price from products order by name") == [
        ("A-1", "Болт", Decimal("5.50")),
        ("1234", "Гайка", Decimal("7.00")),
    ]


def test_the_whole_load_is_undone_and_may_come_again(account: Account) -> None:
    result = load(account.actor, SALES)
    history.revert_changeset(account.actor, result["changeset_id"])
    assert ask(account.actor, "select count(*) from deals where deleted_at is null") == [(0,)]
    assert counts(load(account.actor, SALES))[0] == 2
    assert ask(account.actor, "select count(*), sum(amount) from deals where deleted_at is null") == [(2, Decimal("46.25"))]
    assert ask(account.actor, "select count(*) from deal_lines where deleted_at is null") == [(3,)]


def test_a_fault_in_the_middle_leaves_nothing(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    from db.queries import import_lines

    stored = imports.upload(account.actor, "f.csv", SALES.encode())
    seen = imports.inspect(account.actor, stored.id)
    data = {"file_id": stored.id, "entity": seen.entity, "mapping": seen.mapping, "shape": seen.shape, "profile": seen.profile}
    job = imports.start(account.actor, data, deferred=False)
    monkeypatch.setattr(import_lines, "run", lambda *_, **__: 1 / 0)
    runner.run(account.account_id, job.id)
    assert jobs.get(account.actor, job.id).status == "failed"
    for table in ("clients", "products", "deals", "changesets where kind like 'import%'"):
        assert ask(account.actor, f"select count(*) from {table}") == [(0,)]


def test_rights_and_borders(account: Account) -> None:
    stored = imports.upload(account.actor, "f.csv", CLIENTS.encode())
    with pytest.raises(Forbidden):
        imports.upload(account.actor_as(Role.REP), "f.csv", b"x")
    with pytest.raises(NotFound):
        imports.inspect(account.other().actor, stored.id)
    load(account.other().actor, CLIENTS)
    assert ask(account.actor, "select count(*) from clients") == [(0,)]


def test_what_is_asked_is_checked(account: Account) -> None:
    stored = imports.upload(account.actor, "f.csv", CLIENTS.encode())
    seen = imports.inspect(account.actor, stored.id)
    good = {"file_id": stored.id, "entity": "clients", "mapping": seen.mapping, "shape": seen.shape, "profile": seen.profile}
    for wrong in (
        {"entity": "users"},
        {"mapping": {"Наименование": "password"}},
        {"mapping": {"ИНН": "inn"}},
        {"mode": "delete"},
        {"file_id": "1; drop"},
        {"mapping": {"Наименование": "name", "Город": "name"}},
        {"shape": {"format": "csv"}},
        {"shape": {**seen.shape, "format": "exe"}},
        {"shape": {**seen.shape, "quote": "long"}},
        {"profile": {"decimal": "x", "forms": {}}},
        {"unknown": 1},
    ):
        with pytest.raises(Invalid):
            imports.start(account.actor, {**good, **wrong})
    with pytest.raises(NotFound):
        imports.start(account.actor, {**good, "file_id": stored.id + 1000})


@pytest.mark.parametrize("content", [b"PK\x03\x04nonsense", b"%PDF-1.4 \x00\x00\x00", b"\x1f\x8b\x08broken"])
def test_what_cannot_be_read_is_said_so(account: Account, content: bytes) -> None:
    stored = imports.upload(account.actor, "f", content)
    with pytest.raises(BadFile):
        imports.inspect(account.actor, stored.id)


def test_doubts_are_told(account: Account) -> None:
    stored = imports.upload(account.actor, "f.csv", "Имя;Дата создания;Сделка\nА;01/02/2026;Х\nБ;03/04/2026;У\n".encode())
    seen = imports.inspect(account.actor, stored.id, entity="deals")
    assert "date_order" in {doubt["code"] for doubt in seen.doubts}
    again = imports.inspect(account.actor, stored.id, entity="deals", wanted={"dates": "mdy"})
    assert "date_order" not in {doubt["code"] for doubt in again.doubts} and "mdy" in again.profile["forms"].values()


def test_clients_made_by_hand_are_found_by_deals(account: Account) -> None:
    made = clients.create(account.actor, ClientInput(name="ООО «Ромашка»"))
    load(account.actor, DEALS)
    assert ask(account.actor, "select client_id from deals where external_id = 'Д-1'") == [(made.id,)]


def test_a_known_deal_stays_in_its_pipeline(account: Account) -> None:
    load(account.actor, DEALS)
    second = pipelines.create(account.actor, "Сервис")
    ((deal_id,),) = ask(account.actor, "select id from deals where external_id = 'Д-1'")
    deals.edit(account.actor, deal_id, {"pipeline_id": second})
    load(account.actor, DEALS.replace("Переговоры;100 000,50", "Договор;100 001"))
    assert ask(
        account.actor,
        "select s.name, s.pipeline_id = d.pipeline_id, p.name, d.amount from deals d join stages s on s.id = d.stage_id "
        "join pipelines p on p.id = d.pipeline_id where d.external_id = 'Д-1'",
    ) == [("Договор", True, "Сервис", Decimal("100001.00"))]
