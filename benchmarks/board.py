"""The board of a pipeline: its columns with sums and first cards, narrowed, and after a card was moved."""

from __future__ import annotations

import json

from plotly.utils import PlotlyJSONEncoder

from benchmarks.house import House
from benchmarks.measure import Figure, milliseconds
from dashboard.components import board as parts
from dashboard.components.still import still
from dashboard.services import board, stage_pace
from dashboard.services.board import BoardQuery


def run(house: House) -> list[Figure]:
    actor = house.actor

    def draw(query: BoardQuery) -> int:
        """What one look at the board costs the server, up to the bytes that are sent."""
        found = board.read(actor, query)
        return len(json.dumps(still(parts.lanes(found, actor, query.shown, True)), cls=PlotlyJSONEncoder))

    found = board.read(actor, BoardQuery())
    pipeline = found.pipeline.id
    shown = {lane.stage.id: board.FIRST + board.MORE for lane in found.lanes}
    questions = [
        (f"board of {found.count:,} open deals", BoardQuery()),
        ("board by chance to win", BoardQuery(order="chance")),
        ("board of a region", BoardQuery(filter="client.region is not null")),
        ("board searched by a part of a word", BoardQuery(search="остав")),
        (f"board with {board.FIRST + board.MORE} cards a column", BoardQuery(shown=shown)),
    ]
    figures = [Figure(name, milliseconds(lambda: draw(query)), "ms", 300.0) for name, query in questions]  # noqa: B023

    def move_there_and_back() -> None:
        lanes = board.read(actor, BoardQuery()).lanes
        card = lanes[0].cards[0].deal
        moved = board.move(actor, card.id, lanes[1].stage.id, card.version).deal
        draw(BoardQuery(recent=card.id))
        board.move(actor, card.id, lanes[0].stage.id, moved.version)

    figures.append(Figure("card moved, board shown anew, moved back", milliseconds(move_there_and_back, 7), "ms", 600.0))
    learn = milliseconds(lambda: stage_pace.learned(actor, pipeline, fresh=True), 5, 1)
    figures.append(Figure("what is usual on each stage, learned anew", learn, "ms"))
    return figures
