"""The services' records as the JSON values the interface shows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pydantic import BaseModel

from dashboard import i18n
from dashboard.api import problems, schemas
from dashboard.api.operations import PREFIX
from dashboard.i18n import t
from dashboard.services.ai_clients import ClientOutlook
from dashboard.services.ai_records import DealAdvice
from dashboard.services.prices import Price
from dashboard.services.records import (
    Client,
    ContactPoint,
    CustomField,
    Deal,
    DealLine,
    Job,
    Page,
    Person,
    Product,
    Report,
    StoredFile,
)
from dashboard.services.targets_list import Target

Shown = dict[str, Any]


def _shown(model: type[BaseModel], source: Any, **more: Any) -> Shown:
    """The model's fields of ``source``; ``more`` are those the record does not have in this form."""
    values = {name: getattr(source, name) for name in model.model_fields if name not in more}
    return model.model_validate({**values, **more}).model_dump(mode="json")


def client(record: Client, locale: str = "") -> Shown:
    return _shown(schemas.Client, record, tags=list(record.tags))


def person(record: Person) -> Shown:
    return _shown(schemas.Person, record)


def contact_point(record: ContactPoint) -> Shown:
    return _shown(schemas.ContactPoint, record)


def custom_field(record: CustomField) -> Shown:
    return _shown(schemas.CustomField, record, choices=list(record.choices))


def price(record: Price) -> Shown:
    return _shown(schemas.Price, record)


def target(record: Target) -> Shown:
    return _shown(schemas.Target, record)


def whole(rows: Iterable[Shown]) -> Shown:
    """A list that is always answered as a whole."""
    return {"data": list(rows), "next_cursor": None}


def deal(record: Deal, locale: str = "") -> Shown:
    return _shown(schemas.Deal, record, tags=list(record.tags))


def product(record: Product, currency: str) -> Shown:
    return _shown(schemas.Product, record, currency=currency)


def deal_lines(record: Deal, lines: Sequence[DealLine]) -> Shown:
    """All lines of a deal with the deal's version, sum and currency."""
    return schemas.DealLines(
        deal_id=record.id,
        version=record.version,
        currency=record.currency,
        amount=record.amount,
        lines=[schemas.DealLine.model_validate(line) for line in lines],
    ).model_dump(mode="json")


def job(record: Job, locale: str) -> Shown:
    message = t(record.message["key"], locale, **record.message.get("params", {})) if record.message.get("key") else ""
    return _shown(
        schemas.Job, record, message=message, error=_error(record.error, locale), result_url=_result_url(record)
    )


def report(record: Report, locale: str) -> Shown:
    found = file(record.file, f"{PREFIX}/reports/{record.id}/file") if record.file is not None else None
    return _shown(schemas.Report, record, file=found, error=_error(record.error, locale))


def file(record: StoredFile, url: str) -> Shown:
    return _shown(schemas.File, record, url=url)


def advice(record: DealAdvice) -> Shown:
    """A deal's chance with its reasons and next steps."""
    return _shown(
        schemas.Advice,
        record,
        factors=[_shown(schemas.Factor, item, contribution=item.points) for item in record.factors],
        next_actions=[_shown(schemas.NextAction, item) for item in record.next_actions],
    )


def client_advice(client_id: int, record: ClientOutlook | None, locale: str) -> Shown:
    """A client's outlook; before the first purchase the words that say so."""
    if record is None:
        nothing = i18n.t("clientai.no_purchases", locale)
        known = set(schemas.ClientAdvice.model_fields) - {"client_id", "reason_text", "factors", "goods"}
        empty = dict.fromkeys(known) | {"client_id": client_id, "reason_text": nothing, "factors": [], "goods": []}
        return schemas.ClientAdvice.model_validate(empty).model_dump(mode="json")
    factors = [_shown(schemas.ClientFactor, item) for item in record.reasons]
    return _shown(schemas.ClientAdvice, record, factors=factors, goods=[product for product, _ in record.goods])


def page(rows: Iterable[Shown], source: Page[Any], fields: Sequence[str] | None) -> Shown:
    """A list's block; ``fields`` are the ones asked for, beside the id and the version that all have."""
    wanted = {"id", "version", *fields} if fields else None
    data = [row if wanted is None else {name: row[name] for name in row if name in wanted} for row in rows]
    body: Shown = {"data": data, "next_cursor": source.next_cursor}
    if source.total is not None:
        body["total"] = source.total
    return body


def _error(error: Mapping[str, Any] | None, locale: str) -> Shown | None:
    if not error:
        return None
    code = str(error.get("code", "internal"))
    return {
        "code": code,
        "detail": problems.detail(code, locale, dict(error.get("params") or {})),
        "request_id": error.get("request_id"),
    }


def _result_url(record: Job) -> str | None:
    report_id = (record.result or {}).get("report_id")
    return f"{PREFIX}/reports/{report_id}" if record.status == "done" and report_id else None
