"""The account's history as the AI's frames: all of it for training, one deal's part for its page."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
from sqlalchemy import Connection, func, select

from dashboard.ai.frames import CLIENT_CHANGES, COLUMNS, OWN_KINDS, Frames, OwnField, Totals
from dashboard.analytics import schema
from dashboard.services import context, reading
from dashboard.services.actor import Actor
from db.queries import ai as queries
from db.queries import custom_fields

_TIMES = {"opened_at", "closed_at", "expected_close", "at", "happened_at", "due_at", "done_at", "created_at"}


def whole(actor: Actor) -> Frames:
    """Everything the account knows. For the worker: a million deals are some hundred megabytes."""
    tables = queries.whole_history(context.database().app_url, actor.account_id)
    with context.database().unit_of_work(context.scope(actor)) as connection:
        of_deals, of_clients = own_fields(connection), own_fields(connection, "clients")
    frames = {name: _typed(table.to_pandas(), name) for name, table in tables.items()}
    return Frames(**frames, own=of_deals, own_clients=of_clients)


def part(actor: Actor, deal_ids: Sequence[int], *, totals: Totals | None = None) -> Frames:
    """These deals, their clients and what happened with them.

    ``totals`` stands in for the account's and the owner's other deals, which are not loaded.
    """
    with context.database().unit_of_work(context.scope(actor), look_ups=True) as connection:
        found = queries.part_of_history(connection, deal_ids, queries.clients_of(connection, deal_ids))
        own = own_fields(connection)
    frames = {name: _typed(pd.DataFrame(rows, columns=columns), name) for name, (columns, rows) in found.items()}
    return Frames(**frames, totals=totals, own=own)


def of_client(actor: Actor, client_id: int) -> Frames:
    """One client's part: its deals and what happened with it, as far as the actor sees."""
    with context.database().unit_of_work(context.scope(actor), look_ups=True) as connection:
        found = queries.part_of_history(connection, queries.deals_of(connection, client_id), [client_id])
        own = own_fields(connection, "clients")
    frames = {name: _typed(pd.DataFrame(rows, columns=columns), name) for name, (columns, rows) in found.items()}
    return Frames(**frames, own_clients=own)


def own_fields(connection: Connection, entity: str = "deals") -> tuple[OwnField, ...]:
    """The account's own fields of deals (or clients) that a model can read; those taken out of the forms as well:
    values stay."""
    found = custom_fields.all_fields(connection, entity)
    return tuple(OwnField(row["key"], row["kind"]) for row in found if row["kind"] in OWN_KINDS)


def totals(actor: Actor, owner_id: int | None) -> Totals:
    """How many deals the account and one owner have won and closed by now."""
    deals = schema.deals
    mine = deals.c.owner_id == owner_id if owner_id is not None else deals.c.id < 0
    won = deals.c.status == "won"
    question = select(
        func.count().filter(won), func.count(), func.count().filter(won & mine), func.count().filter(mine)
    ).where(deals.c.status != "open", ~deals.c.deleted)
    with reading.session(actor) as glass:
        row = glass.rows(question)[0]
    return Totals(*(int(value) for value in row))


def _typed(frame: pd.DataFrame, name: str) -> pd.DataFrame:
    """Moments as UTC times whatever the driver made of them; an empty column has no type of its own."""
    for column in COLUMNS.get(name, CLIENT_CHANGES):
        if column in _TIMES:
            frame[column] = pd.to_datetime(frame[column], utc=True)
    if name == "lines":
        frame["created_at"] = pd.to_datetime(frame["created_at"], utc=True)
    return frame
