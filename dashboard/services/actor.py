"""Who acts. Every service function takes an Actor first."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from dashboard.analytics.periods import Calendar


class Role(StrEnum):
    ADMINISTRATOR = "administrator"
    MANAGER = "manager"
    REP = "rep"
    READER = "reader"


class Scope(StrEnum):
    """What an API key may be used for; a session has all of them."""

    READ = "read"
    WRITE = "write"
    REPORTS = "reports"
    AI = "ai"


ALL_SCOPES: frozenset[Scope] = frozenset(Scope)


@dataclass(frozen=True, slots=True)
class Actor:
    """A signed-in person, the owner of a key, or the author of a job.

    ``account_id`` and ``member_id`` come from the session, the key or the job's row,
    never from a request.  ``only_own``: a representative who sees own records only.
    """

    account_id: int
    member_id: int
    role: Role
    name: str
    user_id: int | None = None
    account_name: str = ""
    currency: str = "RUB"
    timezone: str = "Europe/Moscow"
    locale: str = "ru"
    theme: str = "auto"
    first_weekday: int = 1  # 1 Monday … 7 Sunday
    fiscal_month: int = 1  # the month the account's fiscal year begins with
    only_own: bool = False
    scopes: frozenset[Scope] = field(default=ALL_SCOPES)
    request_id: str = ""
    session_id: int | None = None
    key_id: int | None = None  # acts through an API key: limited to its scopes, whatever the role

    @property
    def calendar(self) -> Calendar:
        """How the account counts weeks and fiscal years."""
        return Calendar(self.first_weekday, self.fiscal_month)

    @property
    def owner_filter(self) -> int | None:
        """The member whose records alone may be seen; none for the whole account."""
        return self.member_id if self.only_own else None
