"""What every service of this process stands on: the settings and the database."""

from __future__ import annotations

from dashboard.config import Settings
from dashboard.services.actor import Actor
from dashboard.services.errors import DatabaseGone, TooSlow
from db.engine import Database, DbScope

_state: dict[str, object] = {}


def configure(settings: Settings, database: Database) -> None:
    """Tell the services where they live. Once per process (tests: once per session)."""
    database.say(unavailable=DatabaseGone, too_slow=TooSlow)
    _state["settings"] = settings
    _state["database"] = database


def settings() -> Settings:
    found = _state.get("settings")
    assert isinstance(found, Settings), "services.context.configure was not called"
    return found


def database() -> Database:
    found = _state.get("database")
    assert isinstance(found, Database), "services.context.configure was not called"
    return found


def scope(actor: Actor) -> DbScope:
    """The database's view of the actor: the one place where rights become settings."""
    return DbScope(
        account_id=actor.account_id,
        member_id=actor.member_id,
        user_id=actor.user_id,
        only_owner=actor.owner_filter,
        request_id=actor.request_id,
    )
