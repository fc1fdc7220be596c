"""Examples of the documentation: one coherent little story, valid against the schemas (a test checks it)."""

from __future__ import annotations

from typing import Any

Shown = dict[str, Any]

_MOMENT = "2026-11-20T09:15:00Z"
_CLIENT_INPUT: Shown = {
    "name": "ООО «Северный ветер»",
    "inn": "7707083893",
    "email": "info@example.com",
    "phone": "+7 495 123-45-67",
    "region": "Москва",
    "segment": "Средний бизнес",
    "tags": ["выставка"],
}
_CLIENT: Shown = {
    "id": 1042, "version": 1, "name": "ООО «Северный ветер»", "kind": "company", "inn": "7707083893", "kpp": None,
    "ogrn": None, "email": "info@example.com", "phone": "+7 495 123-45-67", "website": None, "address": None,
    "city": None, "region": "Москва", "country": None, "industry": None, "segment": "Средний бизнес", "source": None,
    "owner_id": 7, "owner_name": "Анна Климова", "project_id": 1, "tags": ["выставка"], "notes": "", "custom": {},
    "source_system": None, "external_id": None, "created_at": _MOMENT, "updated_at": _MOMENT,
}  # fmt: skip
_PERSON_INPUT: Shown = {"name": "Олег Тарасов", "position": "Закупки", "role": "decides", "email": "oleg@example.com"}
_PERSON: Shown = {
    "id": 205, "version": 1, "client_id": 1042, "name": "Олег Тарасов", "position": "Закупки", "role": "decides",
    "email": "oleg@example.com", "phone": None, "is_main": True, "notes": "",
}  # fmt: skip
_CONTACT_POINT: Shown = {
    "id": 88, "version": 1, "client_id": 1042, "kind": "phone", "value": "+74951234568", "label": "Бухгалтерия",
    "person_id": None, "person_name": None,
}  # fmt: skip
_CUSTOM_FIELD: Shown = {
    "id": 3, "version": 1, "entity": "clients", "key": "Тип точки", "name": "Тип точки", "kind": "choice",
    "choices": ["сеть", "магазин"], "required": False,
}  # fmt: skip
_PRICE: Shown = {"id": 14, "version": 1, "currency": "EUR", "valid_from": "2026-12-01", "price": "540.00"}
_TARGET_INPUT: Shown = {"scope": "member", "scope_id": 7, "month": 12, "value": "2500000.00"}
_TARGETS_INPUT: Shown = {
    "year": 2026, "metric": "revenue",
    "targets": [{"scope": "account", "month": 12, "value": "9000000.00"}, _TARGET_INPUT],
}  # fmt: skip
_TARGET: Shown = {
    "metric": "revenue", "scope": "member", "scope_id": 7, "scope_name": "Анна Климова", "month": "2026-12-01",
    "value": "2500000",
}  # fmt: skip
_DEAL_INPUT: Shown = {
    "title": "Поставка станков",
    "client_id": 1042,
    "amount": "125000.00",
    "expected_close": "2026-12-25",
}
_DEAL: Shown = {
    "id": 5310, "version": 1, "title": "Поставка станков", "status": "open", "client_id": 1042,
    "client_name": "ООО «Северный ветер»", "owner_id": 7, "owner_name": "Анна Климова", "project_id": 1,
    "pipeline_id": 1, "stage_id": 1, "stage_name": "Первый контакт", "amount": "125000.00", "currency": "RUB",
    "lost_reason": None, "lost_comment": None, "stage_since": _MOMENT, "source": None, "opened_at": _MOMENT,
    "expected_close": "2026-12-25", "closed_at": None,
    "tags": [], "notes": "", "custom": {}, "source_system": None, "external_id": None, "created_at": _MOMENT,
    "updated_at": _MOMENT,
}  # fmt: skip
_LINES_INPUT: Shown = {
    "lines": [
        {"product_id": 31, "quantity": "2", "price": "50000.00", "discount": "5"},
        {"description": "Монтаж", "price": "30000.00"},
    ]
}
_LINES: Shown = {
    "deal_id": 5310,
    "version": 2,
    "currency": "RUB",
    "amount": "125000.00",
    "lines": [
        {
            "id": 1, "position": 0, "product_id": 31, "product_name": "Станок", "description": "", "quantity": "2",
            "price": "50000.00", "discount": "5", "amount": "95000.00",
        },
        {
            "id": 2, "position": 1, "product_id": None, "product_name": None, "description": "Монтаж", "quantity": "1",
            "price": "30000.00", "discount": "0", "amount": "30000.00",
        },
    ],
}  # fmt: skip
_PRODUCT: Shown = {
    "id": 31, "version": 1, "name": "Станок", "sku": "ST-01", "kind": "good", "group_name": "Оборудование",
    "unit": "шт.", "price": "50000.00", "cost": "38000.00", "currency": "RUB", "archived_at": None,
}  # fmt: skip
_JOB: Shown = {
    "id": 77, "kind": "report", "status": "running", "progress": 0.4, "message": "", "result": None,
    "result_url": None, "error": None, "created_at": _MOMENT, "started_at": _MOMENT, "finished_at": None,
}  # fmt: skip
_REPORT_INPUT: Shown = {"kind": "sales_summary", "period_start": "2026-10-01", "period_end": "2026-10-31", "format": "pdf"}
_REPORT: Shown = {
    "id": 12, "version": 1, "kind": "sales_summary", "name": "Итоги октября",
    "params": {"period_start": "2026-10-01", "period_end": "2026-10-31"},
    "format": "pdf", "language": "ru", "status": "queued", "progress": 0.0, "job_id": 77, "author": "Анна Климова",
    "file": None, "error": None, "created_at": _MOMENT, "data_at": None,
}  # fmt: skip
_ADVICE: Shown = {
    "deal_id": 5310, "model_id": 4, "probability": 0.46, "base": 0.31, "low": 0.38, "high": 0.55, "rung": "xgboost",
    "reason": "best_on_later_data", "reason_text": "Лучше простых моделей на более поздних данных",
    "trained_deals": 9100, "trained_rows": 21400, "trained_at": _MOMENT, "as_of": _MOMENT,
    "factors": [
        {"name": "stage", "label": "Этап", "value": "Переговоры", "contribution": 15.0, "direction": "up",
         "detail": "Этап «Переговоры»", "sentence": "Этап «Переговоры»: +15,0 п.п."},
    ],
    "next_actions": [
        {"action": "contact", "title": "Связаться с клиентом", "reason": "Нет контактов 9 дней", "gain_points": 4.2,
         "gain": "5250.00", "basis": "association"},
    ],
}  # fmt: skip

_CLIENT_ADVICE: Shown = {
    "client_id": 812, "model_id": 5, "buys": 0.42, "low": 0.34, "high": 0.51, "base": 0.24, "leaves": 0.28,
    "next_on": "2027-03-17", "value_year": "164823.00", "value_purchase": "86775.00", "rung": "logistic",
    "reason_text": "На более поздних покупках эта модель точнее более простых.", "trained_clients": 1219,
    "trained_at": _MOMENT, "factors": [{"feature": "c_purchases", "text": "Покупок всего: 8", "points": 18.0}],
    "goods": [14, 9],
}  # fmt: skip

_FORECAST: Shown = {
    "metric": "revenue", "step": "month", "unit": "money", "currency": "RUB", "method": "combination", "reason": None,
    "history": 36, "parts": [{"name": "theta", "share": 0.6}, {"name": "ets", "share": 0.4}], "error": 0.45,
    "naive_error": 0.8, "coverage80": 0.82, "coverage95": 0.95, "tested": 182,
    "steps": [
        {"start": "2026-11-01", "end": "2026-11-30", "expected": "45617855.32", "low80": "41344315.1",
         "high80": "49891395.54", "low95": "38408575.2", "high95": "52827136.8", "so_far": "32778618.38",
         "plan": "42660000"},
    ],
}  # fmt: skip

_PIPELINE: Shown = {
    "until": "month", "currency": "RUB", "reason": None, "start": "2026-11-01", "end": "2026-11-30", "p10": "42100000",
    "p50": "45600000", "p90": "49300000", "won": "32778618.38", "from_open": "10900000", "from_new": "1950000",
    "plan": "42660000", "chance": 0.87, "draws": 10000, "deals": 284, "undated": 0, "model_id": 7,
    "months": [{"start": "2026-11-01", "p10": "42100000", "p50": "45600000", "p90": "49300000", "won": "32778618.38",
                "plan": "42660000"}],
    "members": [{"member_id": 12, "deals": 41, "model": "2100000", "promised": "2600000", "promises": 9, "late": "310000",
                 "late_deals": 2}],
    "scenario": {
        "usual_weekly": 34.2, "usual_win_rate": 37.5, "usual_discount": 6.1,
        "before": {"p50": "45600000", "mean": "45628618.38", "chance": 0.87},
        "after": {"p50": "46100000", "mean": "46128618.38", "chance": 0.91},
        "gains": [{"lever": "wins", "gain": "500000"}],
    },
}  # fmt: skip

_EXAMPLES: dict[str, Shown] = {
    "Client": _CLIENT,
    "ClientInput": _CLIENT_INPUT,
    "ClientPatch": {"region": "Санкт-Петербург", "website": None},
    "ClientList": {"data": [_CLIENT], "next_cursor": None},
    "PersonInput": _PERSON_INPUT,
    "Person": _PERSON,
    "PersonList": {"data": [_PERSON], "next_cursor": None},
    "ContactPointList": {"data": [_CONTACT_POINT], "next_cursor": None},
    "CustomFieldList": {"data": [_CUSTOM_FIELD], "next_cursor": None},
    "PriceList": {"data": [_PRICE], "next_cursor": None},
    "Deal": _DEAL,
    "DealInput": _DEAL_INPUT,
    "DealPatch": {"amount": "130000.00"},
    "DealList": {"data": [_DEAL], "next_cursor": None},
    "LinesInput": _LINES_INPUT,
    "DealLines": _LINES,
    "ProductList": {"data": [_PRODUCT], "next_cursor": None},
    "Job": _JOB,
    "Target": _TARGET,
    "TargetList": {"data": [_TARGET], "next_cursor": None},
    "TargetInput": _TARGET_INPUT,
    "TargetsInput": _TARGETS_INPUT,
    "ReportInput": _REPORT_INPUT,
    "ReportPatch": {"name": "Итоги октября для совета"},
    "Report": _REPORT,
    "ReportList": {"data": [_REPORT], "next_cursor": None},
    "Advice": _ADVICE,
    "ClientAdvice": _CLIENT_ADVICE,
    "Forecast": _FORECAST,
    "PipelineForecast": _PIPELINE,
}


def example(name: str) -> Shown:
    """The example of a component."""
    return _EXAMPLES[name]


def examples() -> dict[str, Shown]:
    """All examples by component."""
    return dict(_EXAMPLES)
