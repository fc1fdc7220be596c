"""What reports need to know of a deal and a client (the services' records fit)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Protocol


class DealRow(Protocol):
    @property
    def title(self) -> str: ...
    @property
    def client_name(self) -> str | None: ...
    @property
    def owner_name(self) -> str | None: ...
    @property
    def stage_name(self) -> str: ...
    @property
    def closed_at(self) -> datetime | None: ...


@dataclass(frozen=True, slots=True)
class PricedDeal:
    """A deal with its sum in the paper's currency (none where no rate is known), and ``agreed``, its own, if another."""

    deal: DealRow
    amount: Decimal | None
    agreed: str = ""


class ClientRow(Protocol):
    @property
    def name(self) -> str: ...
    @property
    def region(self) -> str | None: ...
    @property
    def owner_name(self) -> str | None: ...
    @property
    def deals_open(self) -> int | None: ...
    @property
    def deals_won(self) -> int | None: ...
    @property
    def revenue(self) -> Decimal | None: ...
