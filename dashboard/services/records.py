"""Records that cross the services' border: frozen, named, without ORM or Dash.

Money is :class:`~decimal.Decimal` in the record's currency; moments are aware
datetimes (UTC); days are dates in the account's time zone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """A block of a list. ``total`` is the count over the whole filter, none if not asked for."""

    rows: Sequence[T]
    total: int | None = None
    next_cursor: str | None = None


@dataclass(frozen=True, slots=True)
class Client:
    id: int
    version: int
    name: str
    kind: str = "company"
    inn: str | None = None
    kpp: str | None = None
    ogrn: str | None = None
    email: str | None = None
    phone: str | None = None
    website: str | None = None
    address: str | None = None
    city: str | None = None
    region: str | None = None
    country: str | None = None
    industry: str | None = None
    segment: str | None = None
    source: str | None = None
    owner_id: int | None = None
    owner_name: str | None = None
    project_id: int | None = None
    tags: tuple[str, ...] = ()
    notes: str = ""
    custom: dict[str, Any] = field(default_factory=dict)
    source_system: str | None = None
    external_id: str | None = None
    created_at: datetime | None = None
    updated_at: datetime | None = None
    deleted_at: datetime | None = None
    # what the AI expects; none before the first purchase or score
    buys: float | None = None
    leaves: float | None = None
    next_purchase: date | None = None
    value_year: float | None = None
    # read with the list and the page, from the columnar copy; none when not asked for
    deals_open: int | None = None
    deals_won: int | None = None
    revenue: Decimal | None = None
    last_contact: datetime | None = None


@dataclass(frozen=True, slots=True)
class Person:
    id: int
    version: int
    client_id: int
    name: str
    position: str | None = None
    role: str | None = None  # in the purchase
    email: str | None = None
    phone: str | None = None
    is_main: bool = False
    notes: str = ""


@dataclass(frozen=True, slots=True)
class ContactPoint:
    """A further phone, e-mail, address of a client, or of the person that is named."""

    id: int
    version: int
    client_id: int
    kind: str  # phone, email, address, messenger, website
    value: str
    label: str = ""
    person_id: int | None = None
    person_name: str | None = None


@dataclass(frozen=True, slots=True)
class CustomField:
    """A field of the account's own; values stand in the record's ``custom`` under ``key``."""

    id: int
    version: int
    entity: str  # clients, deals
    key: str
    name: str
    kind: str  # text, number, date, boolean, choice
    choices: tuple[str, ...] = ()
    required: bool = False
    position: int = 0
    archived_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Product:
    id: int
    version: int
    name: str
    sku: str | None = None
    kind: str = "good"
    group_name: str | None = None
    unit: str = ""
    price: Decimal | None = None
    cost: Decimal | None = None
    description: str = ""
    archived_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class DealLine:
    id: int
    position: int
    product_id: int | None
    product_name: str | None
    description: str
    quantity: Decimal
    price: Decimal
    discount: Decimal  # per cent
    amount: Decimal


@dataclass(frozen=True, slots=True)
class StageEvent:
    to_stage_id: int
    stage_name: str
    at: datetime
    from_stage_id: int | None = None
    member_name: str | None = None


@dataclass(frozen=True, slots=True)
class Deal:
    id: int
    version: int
    title: str
    status: str
    stage_id: int
    stage_name: str
    pipeline_id: int
    amount: Decimal
    currency: str
    opened_at: datetime
    client_id: int | None = None
    client_name: str | None = None
    owner_id: int | None = None
    owner_name: str | None = None
    project_id: int | None = None
    lost_reason: str | None = None
    lost_comment: str | None = None
    stage_since: datetime | None = None
    source: str | None = None
    expected_close: date | None = None
    closed_at: datetime | None = None
    tags: tuple[str, ...] = ()
    notes: str = ""
    custom: dict[str, Any] = field(default_factory=dict)
    source_system: str | None = None
    external_id: str | None = None
    created_at: datetime | None = None
    updated_at: datetime | None = None
    deleted_at: datetime | None = None
    probability: float | None = None  # the latest score, 0..1


@dataclass(frozen=True, slots=True)
class Stage:
    id: int
    pipeline_id: int
    name: str
    position: int
    kind: str  # open, won, lost
    rot_days: int | None = None


@dataclass(frozen=True, slots=True)
class Pipeline:
    id: int
    name: str
    is_default: bool
    stages: tuple[Stage, ...]


@dataclass(frozen=True, slots=True)
class Member:
    id: int
    name: str
    role: str
    email: str | None = None
    team: str | None = None
    active: bool = True
    user_id: int | None = None


@dataclass(frozen=True, slots=True)
class Interaction:
    id: int
    version: int
    kind: str
    subject: str
    body: str
    happened_at: datetime
    client_id: int | None = None
    deal_id: int | None = None
    owner_name: str | None = None
    due_at: datetime | None = None
    done_at: datetime | None = None
    remind_at: datetime | None = None
    outcome: str | None = None
    owner_id: int | None = None


@dataclass(frozen=True, slots=True)
class ApiKey:
    id: int
    name: str
    prefix: str
    scopes: tuple[str, ...]
    created_at: datetime
    expires_at: datetime | None = None
    revoked_at: datetime | None = None
    last_used_at: datetime | None = None
    calls: int = 0


@dataclass(frozen=True, slots=True)
class Job:
    """Long work. ``message`` and ``error`` hold a text's key and parameters, translated when shown."""

    id: int
    kind: str
    status: str  # queued, running, done, failed, cancelled
    progress: float
    created_at: datetime
    message: dict[str, Any] = field(default_factory=dict)
    result: dict[str, Any] | None = None
    error: dict[str, Any] | None = None
    params: dict[str, Any] = field(default_factory=dict)
    started_at: datetime | None = None
    finished_at: datetime | None = None
    member_name: str | None = None


@dataclass(frozen=True, slots=True)
class StoredFile:
    id: int
    name: str
    media_type: str
    size: int
    sha256: str  # hex
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Report:
    id: int
    kind: str
    name: str
    params: dict[str, Any]
    format: str
    language: str
    status: str  # of its job
    progress: float
    created_at: datetime
    author: str | None = None
    job_id: int | None = None
    file: StoredFile | None = None
    data_at: datetime | None = None
    error: dict[str, Any] | None = None
    version: int = 1
    created_by: int | None = None
    deleted_at: datetime | None = None
