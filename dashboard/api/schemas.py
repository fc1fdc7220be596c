"""What the interface shows: one pydantic model per record. Money is a decimal string beside its currency."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer, WithJsonSchema

MONEY_PATTERN = r"^-?[0-9]{1,16}\.[0-9]{2}$"


def _cents(value: Decimal) -> str:
    return f"{value:.2f}"


def _plain(value: Decimal) -> str:
    """No exponent, no idle zeros: ``1.5``, ``100``."""
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def _utc(value: Any) -> Any:
    return value.astimezone(UTC) if isinstance(value, datetime) else value


Money = Annotated[
    Decimal,
    PlainSerializer(_cents, return_type=str),
    WithJsonSchema({"type": "string", "pattern": MONEY_PATTERN, "examples": ["125000.00"]}),
]
Quantity = Annotated[
    Decimal,
    PlainSerializer(_plain, return_type=str),
    WithJsonSchema({"type": "string", "pattern": r"^-?[0-9]+(\.[0-9]+)?$", "examples": ["2.5"]}),
]
Moment = Annotated[datetime, BeforeValidator(_utc)]
Currency = Annotated[str, Field(pattern="^[A-Z]{3}$", examples=["RUB"])]
Share = Annotated[float, Field(ge=0, le=1)]


class Shown(BaseModel):
    """Base of all shown records; read from the services' records by attribute."""

    model_config = ConfigDict(from_attributes=True, extra="forbid")


class Client(Shown):
    id: int
    version: int
    name: str
    kind: str
    inn: str | None
    kpp: str | None
    ogrn: str | None
    email: str | None
    phone: str | None
    website: str | None
    address: str | None
    city: str | None
    region: str | None
    country: str | None
    industry: str | None
    segment: str | None
    source: str | None
    owner_id: int | None
    owner_name: str | None
    project_id: int | None
    tags: list[str]
    notes: str
    custom: dict[str, Any]
    source_system: str | None
    external_id: str | None
    created_at: Moment | None
    updated_at: Moment | None


class Person(Shown):
    """Somebody at a client. ``role`` in a purchase: decides, influences, recommends, uses, pays or contact."""

    id: int
    version: int
    client_id: int
    name: str
    position: str | None
    role: str | None
    email: str | None
    phone: str | None
    is_main: bool
    notes: str


class ContactPoint(Shown):
    """A further phone, email, address, messenger or website of a client, or of its person ``person_id``."""

    id: int
    version: int
    client_id: int
    kind: str
    value: str
    label: str
    person_id: int | None
    person_name: str | None


class CustomField(Shown):
    """A field of the account's own: values stand in ``custom`` of ``entity`` (clients, deals) under ``key``.

    ``kind``: text, number, date, boolean or choice (one of ``choices``).
    """

    id: int
    version: int
    entity: str
    key: str
    name: str
    kind: str
    choices: list[str]
    required: bool


class Price(Shown):
    """What a product costs in a currency from a day on."""

    id: int
    version: int
    currency: Currency
    valid_from: date
    price: Money


class Target(Shown):
    """What a subject should reach in the month that begins on ``month``. Money in the account's currency, else a count.

    ``scope``: account, project, member or group; ``scope_id`` names a project or member, ``scope_name`` a product group.
    """

    metric: str
    scope: str
    scope_id: int | None
    scope_name: str | None
    month: date
    value: Quantity


class Deal(Shown):
    id: int
    version: int
    title: str
    status: str
    client_id: int | None
    client_name: str | None
    owner_id: int | None
    owner_name: str | None
    project_id: int | None
    pipeline_id: int
    stage_id: int
    stage_name: str
    amount: Money
    currency: Currency
    lost_reason: str | None
    lost_comment: str | None
    stage_since: Moment | None
    source: str | None
    opened_at: Moment
    expected_close: date | None
    closed_at: Moment | None
    tags: list[str]
    notes: str
    custom: dict[str, Any]
    source_system: str | None
    external_id: str | None
    created_at: Moment | None
    updated_at: Moment | None


class DealLine(Shown):
    id: int
    position: int
    product_id: int | None
    product_name: str | None
    description: str
    quantity: Quantity
    price: Money
    discount: Quantity
    amount: Money


class DealLines(Shown):
    """All lines of a deal, in order; ``version`` is the deal's."""

    deal_id: int
    version: int
    currency: Currency
    amount: Money
    lines: list[DealLine]


class Product(Shown):
    id: int
    version: int
    name: str
    sku: str | None
    kind: str
    group_name: str | None
    unit: str
    price: Money | None
    cost: Money | None
    currency: Currency
    archived_at: Moment | None


class JobError(Shown):
    code: str
    detail: str
    request_id: str | None


class Job(Shown):
    """Long work: ``status`` is queued, running, done, failed or cancelled; ``progress`` goes from 0 to 1."""

    id: int
    kind: str
    status: str
    progress: Share
    message: str
    result: dict[str, Any] | None
    result_url: str | None
    error: JobError | None
    created_at: Moment
    started_at: Moment | None
    finished_at: Moment | None


class File(Shown):
    name: str
    media_type: str
    size: int
    sha256: str
    url: str


class Report(Shown):
    """A report: ready to download when ``status`` is done."""

    id: int
    version: int
    kind: str
    name: str
    params: dict[str, Any]
    format: str
    language: str
    status: str
    progress: Share
    job_id: int | None
    author: str | None
    file: File | None
    error: JobError | None
    created_at: Moment
    data_at: Moment | None


class FieldError(Shown):
    """One wrong value: ``pointer`` is its path (``/lines/0/price``), ``code`` is stable, ``detail`` is for people."""

    pointer: str
    code: str
    detail: str


class Problem(Shown):
    """What went wrong (RFC 9457). ``code`` is stable; ``hint`` says what to do; ``request_id`` is found in the server's log."""

    type: str
    title: str
    status: int
    code: str
    detail: str
    request_id: str
    hint: str = ""
    errors: list[FieldError] = Field(default_factory=list)


class Factor(Shown):
    """What one fact adds to the usual chance, in percentage points, and the sentence that says it."""

    name: str
    label: str
    value: float | str | None
    contribution: float
    direction: str
    detail: str
    sentence: str


class NextAction(Shown):
    """A step worth taking: ``gain_points`` of chance and ``gain`` in money, where the model can tell.

    ``basis``: association (what the model saw in such deals, no proof of cause) or rule.
    """

    action: str
    title: str
    reason: str
    gain_points: float | None
    gain: Money | None
    basis: str


class Advice(Shown):
    """A deal's chance to be won, what it is made of, and what to do. Too little data is said, never an error."""

    deal_id: int
    model_id: int | None
    probability: Share
    base: Share
    low: Share
    high: Share
    rung: str
    reason: str
    reason_text: str
    trained_deals: int
    trained_rows: int
    trained_at: Moment | None
    as_of: Moment
    factors: list[Factor]
    next_actions: list[NextAction]


class ClientFactor(Shown):
    """What one fact adds to the usual chance, in percentage points."""

    feature: str
    text: str
    points: float


class ClientAdvice(Shown):
    """What is expected of a client; all but ``reason_text`` is null before the first purchase.

    ``buys``: chance of a purchase within 90 days; ``leaves``: of none within a year; ``goods``: products to offer.
    """

    client_id: int
    model_id: int | None
    buys: Share | None
    low: Share | None
    high: Share | None
    base: Share | None
    leaves: Share | None
    next_on: date | None
    value_year: Money | None
    value_purchase: Money | None
    rung: str | None
    reason_text: str
    trained_clients: int | None
    trained_at: Moment | None
    factors: list[ClientFactor]
    goods: list[int]
