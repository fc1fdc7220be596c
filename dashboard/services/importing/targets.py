# ruff: noqa: E501 - a table: one field a line
"""What can be imported: entities, their fields, and the names columns go by in Russian and English files."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["text", "number", "money", "day", "moment", "email", "phone", "website", "inn", "kpp", "ogrn", "tags",
               "currency", "client_kind", "product_kind", "status", "role"]  # fmt: skip

#: A column that is kept under its own name in the record's own fields.
CUSTOM = "custom"
SKIP = ""


@dataclass(frozen=True)
class Target:
    """A field a column can go to. ``weight``: how much it speaks for its entity; ``label``: its text's key."""

    name: str
    label: str
    kind: Kind = "text"
    limit: int = 300
    names: tuple[str, ...] = ()
    weight: float = 1.0


@dataclass(frozen=True)
class Entity:
    """``required``: at least one of each group must be mapped. ``keys``: by what records are known again."""

    name: str
    targets: tuple[Target, ...]
    required: tuple[tuple[str, ...], ...]
    keys: tuple[str, ...]
    custom: bool = True

    def target(self, name: str) -> Target | None:
        return next((item for item in self.targets if item.name == name), None)


def _t(name: str, label: str, names: str, kind: Kind = "text", limit: int = 300, weight: float = 1.0) -> Target:
    return Target(name, label, kind, limit, tuple(part.strip() for part in names.split("|")), weight)


_OWNER = "manager|owner|sales agent|sales rep|sales person|salesperson|rep|responsible|agent|менеджер|ответственный|продавец"
_TAGS = _t("tags", "fields.deal.tags", "tags|labels|теги|метки", "tags", 2000, 0.5)
_NOTES = _t(
    "notes",
    "fields.deal.notes",
    "notes|note|comment|comments|комментарий|комментарии|примечание|заметки|комм",
    limit=20000,
    weight=0.3,
)
_SOURCE = _t("source", "fields.deal.source", "source|lead source|origin|источник|источник лида|канал", limit=120, weight=0.5)
_CURRENCY = _t("currency", "fields.deal.currency", "currency|валюта", "currency", 3, 0.5)

CLIENTS = Entity(
    "clients",
    (
        _t("name", "fields.client.name", "name|account|account name|client|client name|company|company name|customer|customer name|organization|organisation|"
           "наименование|название|клиент|компания|организация|контрагент|заказчик|покупатель|наименование контрагента|полное наименование|юридическое лицо", weight=2),
        _t("external_id", "imports.field.external_id", "id|client id|customer id|account id|company id|external id|код|код клиента|идентификатор|внешний код|номер клиента", limit=200),
        _t("kind", "fields.client.kind", "kind|client type|customer type|тип клиента|вид клиента", "client_kind", 20, 0.7),
        _t("inn", "fields.client.inn", "inn|tax id|tin|инн", "inn", 12, 3),
        _t("kpp", "fields.client.kpp", "kpp|кпп", "kpp", 9, 3),
        _t("ogrn", "fields.client.ogrn", "ogrn|ogrnip|огрн|огрнип", "ogrn", 15, 3),
        _t("email", "fields.client.email", "email|e mail|mail|почта|электронная почта|эл почта|имейл|емейл", "email", 254, 2),
        _t("phone", "fields.client.phone", "phone|telephone|tel|mobile|phone number|contact phone number|телефон|тел|моб|мобильный|номер телефона", "phone", 40, 2),
        _t("website", "fields.client.website", "website|site|web|url|homepage|сайт|веб сайт", "website", 300, 2),
        _t("address", "fields.client.address", "address|street|office address|адрес|юридический адрес|фактический адрес", limit=500, weight=2),
        _t("city", "fields.client.city", "city|town|город|населенный пункт", limit=120, weight=1.5),
        _t("region", "fields.client.region", "region|state|province|область|регион|край|федеральный округ", limit=120),
        _t("country", "fields.client.country", "country|office location|location|страна", limit=120),
        _t("industry", "fields.client.industry", "industry|sector|vertical|отрасль|сфера деятельности|сектор|вид деятельности", limit=120, weight=2.5),
        _t("segment", "fields.client.segment", "segment|category|tier|сегмент|категория", limit=120),
        _SOURCE,
        _t("owner", "fields.client.owner_id", _OWNER + "|account manager|менеджер клиента", limit=200, weight=0.5),
        _TAGS, _NOTES,
    ),
    (("name",),),
    ("external_id", "inn", "name"),
)  # fmt: skip

PRODUCTS = Entity(
    "products",
    (
        _t("name", "fields.product.name", "name|product|product name|item|item name|title|description|товар|наименование|название|номенклатура|услуга|наименование товара", weight=1.5),
        _t("sku", "fields.product.sku", "sku|article|code|product code|stock code|item code|product id|артикул|код|код товара", limit=64, weight=2),
        _t("kind", "fields.product.kind", "kind|type|тип|вид|вид номенклатуры", "product_kind", 20, 0.5),
        _t("group_name", "fields.product.group_name", "group|series|category|product group|product category|department|product type|line|группа|категория|серия|раздел|группа товаров|товарная группа", limit=200, weight=1.5),
        _t("unit", "fields.product.unit", "unit|uom|unit of measure|package size|ед|ед изм|единица|единица измерения", limit=32, weight=1.5),
        _t("price", "fields.product.price", "price|sales price|unit price|list price|retail price|цена|розничная цена|цена продажи", "money", weight=1.5),
        _t("cost", "fields.product.cost", "cost|unit cost|purchase price|себестоимость|закупочная цена|цена закупки", "money", weight=1.5),
        _t("external_id", "imports.field.external_id", "external id|id|внешний код|идентификатор", limit=200, weight=0.5),
    ),
    (("name", "sku"),),
    ("sku", "name"),
    custom=False,
)  # fmt: skip

_CLIENT_OF_DEAL = (
    _t("client", "fields.deal.client_id", "client|client name|account|account name|company|company name|customer|customer name|клиент|контрагент|компания|заказчик|покупатель|организация"),
    _t("client_external_id", "imports.field.client_external_id", "client id|customer id|account id|company id|household id|код клиента|номер клиента|id клиента", limit=200, weight=1.5),
    _t("client_inn", "imports.field.client_inn", "inn|client inn|инн|инн клиента", "inn", 12, 0.5),
    _t("client_country", "imports.field.client_country", "country|client country|страна", limit=120, weight=0.3),
    _t("client_region", "imports.field.client_region", "region|client region|регион|область", limit=120, weight=0.3),
    _t("client_city", "imports.field.client_city", "city|client city|город", limit=120, weight=0.3),
)  # fmt: skip
_LINE = (
    _t("sku", "fields.product.sku", "sku|stock code|product code|item code|article|product id|артикул|код товара", limit=64, weight=1.5),
    _t("product", "imports.field.product", "product|product name|item|description|item description|товар|номенклатура|услуга|наименование товара|продукт", weight=1),
    _t("quantity", "fields.line.quantity", "quantity|qty|units|count|количество|кол во|кол", "number", weight=2),
    _t("price", "fields.line.price", "unit price|price|item price|цена|цена за единицу", "money", weight=1.5),
    _t("discount", "fields.line.discount", "discount|discount percent|скидка|скидка %", "number", weight=1),
    _t("line_amount", "imports.field.line_amount", "line total|line amount|sales value|сумма строки|стоимость", "money", weight=1),
)  # fmt: skip

DEALS = Entity(
    "deals",
    (
        _t("title", "fields.deal.title", "title|deal|deal name|deal title|opportunity|opportunity name|name|сделка|название|название сделки|наименование|тема", weight=1.5),
        _t("external_id", "imports.field.external_id", "opportunity id|deal id|id|external id|number|deal number|id сделки|номер сделки|код|код сделки|номер", limit=200, weight=2),
        *_CLIENT_OF_DEAL,
        _t("owner", "fields.deal.owner_id", _OWNER + "|deal owner|менеджер сделки", limit=200, weight=1.5),
        _t("stage", "fields.deal.stage_id", "stage|deal stage|sales stage|pipeline stage|этап|стадия|этап сделки|стадия сделки|воронка", limit=200, weight=3),
        _t("status", "fields.deal.status", "status|deal status|outcome|result|статус|результат|статус сделки|состояние", "status", 40, 1.5),
        _t("lost_reason", "fields.deal.lost_reason", "lost reason|loss reason|reason|причина|причина отказа|причина проигрыша", limit=200, weight=2),
        _t("amount", "fields.deal.amount", "amount|close value|deal value|value|deal amount|sum|total|revenue|сумма|сумма сделки|бюджет|стоимость сделки|выручка|итого", "money", weight=2),
        _CURRENCY,
        _t("opened_at", "fields.deal.opened_at", "opened|engage date|created|created at|create date|creation date|start date|open date|date|дата создания|дата открытия|создана|дата начала|дата", "moment", weight=1.5),
        _t("expected_close", "fields.deal.expected_close", "expected close|expected close date|forecast close|plan close|дата закрытия план|планируемая дата закрытия|ожидаемое закрытие|план закрытия", "day", weight=2),
        _t("closed_at", "fields.deal.closed_at", "closed|close date|closed at|closed date|won date|дата закрытия|закрыта|дата завершения", "moment", weight=2.5),
        *_LINE,
        _SOURCE, _TAGS, _NOTES,
    ),
    (("title", "external_id", "client", "client_external_id", "client_inn", "product"),),
    ("external_id",),
)  # fmt: skip

SALES = Entity(
    "sales",
    (
        _t("external_id", "imports.field.document", "invoice|invoice no|invoice number|invoice id|order|order id|order no|order number|basket id|basket|transaction id|receipt|receipt number|документ|номер документа|номер заказа|заказ|накладная|номер накладной|чек|номер чека|счет|номер счета", limit=200, weight=3),
        *_CLIENT_OF_DEAL,
        *_LINE,
        _t("opened_at", "imports.field.sold_at", "invoice date|order date|sale date|date|transaction timestamp|transaction date|purchase date|дата|дата продажи|дата заказа|дата документа|дата чека", "moment", weight=2),
        _t("owner", "fields.deal.owner_id", _OWNER, limit=200, weight=0.5),
        _CURRENCY, _SOURCE, _NOTES,
    ),
    (("external_id",), ("quantity", "line_amount", "price"), ("sku", "product", "line_amount")),
    ("external_id",),
)  # fmt: skip

MEMBERS = Entity(
    "members",
    (
        _t("name", "imports.field.member_name", "name|full name|sales agent|sales rep|sales person|salesperson|agent|employee|rep|seller|фио|сотрудник|менеджер|имя|продавец|торговый представитель", limit=200, weight=2),
        _t("email", "imports.field.member_email", "email|e mail|почта|электронная почта", "email", 254, 0.5),
        _t("team", "imports.field.team", "team|regional office|office|department|branch|group|команда|отдел|филиал|офис|подразделение", limit=200, weight=2.5),
        _t("manager", "imports.field.member_manager", "manager|supervisor|team lead|head|руководитель|начальник", limit=200, weight=2),
        _t("role", "imports.field.member_role", "role|position|job title|роль|должность", "role", 60, 1.5),
    ),
    (("name",),),
    ("name",),
    custom=False,
)  # fmt: skip

ENTITIES: dict[str, Entity] = {entity.name: entity for entity in (CLIENTS, PRODUCTS, DEALS, SALES, MEMBERS)}
#: What must be there before what, when several files are loaded at once.
ORDER = ("members", "products", "clients", "deals", "sales")
