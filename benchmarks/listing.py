"""A block of 50 deals or clients: newest, searched by a part of a word, filtered over a relation."""

from __future__ import annotations

from benchmarks.house import House
from benchmarks.measure import Figure, milliseconds
from dashboard.analytics import lists
from dashboard.analytics.questions import ListQuery
from dashboard.services import analytics, reading


def run(house: House) -> list[Figure]:
    actor = house.actor
    some = analytics.list_deals(actor, ListQuery(sort=("-opened_at",), limit=50)).rows[-1]
    word = some.title[2:7].strip() or some.title
    questions = [
        ("deals, newest 50", "deals", ListQuery(sort=("-opened_at",), limit=50), 30.0),
        (f"deals with “{word}” inside, 50", "deals", ListQuery(search=word, sort=("-opened_at",), limit=50), 30.0),
        ("deals with “qzx” inside (nothing)", "deals", ListQuery(search="qzx", sort=("-opened_at",), limit=50), 30.0),
        ("deals by title, 50", "deals", ListQuery(sort=("title",), limit=50), None),
        ("deals of a region, by amount, 50 and count", "deals",
         ListQuery(filter="client.region is not null and status = open", sort=("-amount",), limit=50, count=True), None),
        ("clients with a part of a name, 50", "clients", ListQuery(search="ро", sort=("name",), limit=50), 30.0),
    ]
    read = {"deals": analytics.list_deals, "clients": analytics.list_clients}
    figures = []
    for name, entity, query, limit in questions:
        def on_postgres(entity: str = entity, query: ListQuery = query) -> None:
            with reading.session(actor, engine="postgres") as glass:
                lists.find(glass, entity, query)

        figures.append(
            Figure(name, milliseconds(lambda: read[entity](actor, query)), "ms", limit, milliseconds(on_postgres, 3, 1))  # noqa: B023
        )
    return figures
