"""What choice lists offer: members, stages, and the values that occur in the account's records."""

from __future__ import annotations

from typing import Any

from dashboard import i18n
from dashboard.services import analytics, catalogue, members
from dashboard.services.actor import Actor

Option = dict[str, Any]
#: A longer list would not be read; the rest is reached by the chart or the search.
LONGEST = 200
STATUSES = ("open", "won", "lost")


def options_of(actor: Actor, dimension: str) -> list[Option]:
    """The options of one choice list, as ``{"label", "value"}``."""
    if dimension == "owner":
        return owner_options(actor)
    if dimension == "stage":
        return stage_options(actor)
    if dimension == "status":
        return [{"label": i18n.t(f"statuses.{status}", actor.locale), "value": status} for status in STATUSES]
    return [{"label": value, "value": value} for value in values_of(actor, dimension)]


def owner_options(actor: Actor, active_only: bool = False) -> list[Option]:
    """Members by name; the value is the id as text, which is what browsers hand back."""
    return [{"label": member.name, "value": str(member.id)} for member in members.list_members(actor, active_only=active_only)]


def stage_options(actor: Actor) -> list[Option]:
    """Stages of all pipelines; with more than one pipeline its name stands before."""
    pipelines = catalogue.pipelines(actor)
    several = len(pipelines) > 1
    return [
        {"label": f"{pipeline.name}: {stage.name}" if several else stage.name, "value": str(stage.id)}
        for pipeline in pipelines
        for stage in pipeline.stages
    ]


def values_of(actor: Actor, name: str, entity: str = "") -> list[str]:
    """Texts that occur in a field (segment, region, source …), in the order of the alphabet.

    ``entity``: whose field; by default the deals' source and the clients' all else.
    """
    return analytics.known_values(actor, entity or ("deals" if name == "source" else "clients"), name, LONGEST)
