"""What the models' features are called: the product's own ones, and the fields that the account defined itself."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Connection

from dashboard import i18n
from dashboard.ai.features import CLIENT_NAMES, FEATURE_NAMES
from dashboard.ai.frames import OWN, OWN_KINDS
from dashboard.services.actor import Actor
from dashboard.services.saving import reading
from db.queries import custom_fields

_KEY = "ai.feature."


class Titles(Mapping[str, str]):
    """Titles of features by name; one of a field that is no more is its name."""

    def __init__(self, locale: str, own: Mapping[str, str]) -> None:
        self._locale, self._own = locale, own

    def __getitem__(self, name: str) -> str:
        if name.startswith(OWN):
            return self._own.get(name, name.rsplit(":", 1)[-1])
        return i18n.t(f"{_KEY}{name}.title", self._locale)

    def __iter__(self):  # type: ignore[no-untyped-def]
        return iter((*FEATURE_NAMES, *self._own))

    def __len__(self) -> int:
        return len(FEATURE_NAMES) + len(self._own)

    def say(self, key: str, /, **params: object) -> str:
        """The text of a key; a feature's title is looked up here."""
        if key.startswith(_KEY + OWN):
            return self[key.removeprefix(_KEY).removesuffix(".title")]
        return i18n.t(key, self._locale, **params)


def titles(actor: Actor) -> Titles:
    """The features' names in the reader's language."""
    with reading(actor) as connection:
        return titles_of(connection, actor.locale)


def client_titles(actor: Actor) -> Mapping[str, str]:
    """The names of the features of clients."""
    with reading(actor) as connection:
        own = _own_titles(connection, "clients")
    return {name: i18n.t(f"clientai.feature.{name}", actor.locale) for name in (*CLIENT_NAMES, "rest")} | own


def titles_of(connection: Connection, locale: str) -> Titles:
    return Titles(locale, _own_titles(connection, "deals"))


def _own_titles(connection: Connection, entity: str) -> dict[str, str]:
    found = custom_fields.all_fields(connection, entity)
    return {f"{OWN}{row['kind']}:{row['key']}": row["name"] for row in found if row["kind"] in OWN_KINDS}
