"""The clients' model on the model page: what answers, its trainings, and what its scores were worth afterwards."""

from __future__ import annotations

from dataclasses import dataclass, replace

from dashboard.ai.clientpast import HORIZON
from dashboard.ai.clients import KIND, TrainedClients
from dashboard.services import ai_client_models, context
from dashboard.services.actor import Actor
from dashboard.services.ai_quality import Live, Version, live_of, version_of
from dashboard.services.permissions import Right, require
from db.queries import ai as queries
from db.queries import model_history

_SHOWN = 20


@dataclass(frozen=True, slots=True)
class ClientModelPage:
    """``model`` is none before the first training, or when the one in use is damaged. ``live``: clients scored
    90 to 270 days ago, and whether they bought within 90 days."""

    active: Version | None
    versions: tuple[Version, ...]
    model: TrainedClients | None
    live: Live | None
    damaged: bool


def client_model_page(actor: Actor) -> ClientModelPage:
    """The clients' part of the model page. Raises Forbidden."""
    require(actor, Right.AI_READ)
    # shares and counts of the whole account, nobody's records: the same for everybody
    everybody = replace(actor, only_own=False)
    with context.database().unit_of_work(context.scope(everybody)) as connection:
        rows = model_history.versions(connection, KIND, _SHOWN)
        in_use = queries.active_model(connection, KIND)
        told, plain = model_history.clients_told_and_seen(connection, HORIZON, 2 * HORIZON)
    if in_use is not None and in_use["id"] not in {row["id"] for row in rows}:
        rows.append(in_use)
    versions = tuple(version_of(row) for row in rows)
    model = ai_client_models.loads(actor, in_use) if in_use is not None else None
    active = next((item for item in versions if item.active), None)
    return ClientModelPage(active, versions, model, live_of(told, plain), in_use is not None and model is None)
