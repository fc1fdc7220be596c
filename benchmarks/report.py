"""A PDF of 50 clients and 100 deals, and the sales summary with its charts; Chrome warm."""

from __future__ import annotations

from benchmarks.house import House
from benchmarks.measure import Figure, milliseconds
from dashboard.services import reports

YEAR = {"period_start": "2026-01-01", "period_end": "2026-11-20"}


def run(house: House) -> list[Figure]:
    def make(kind: str, **more: object) -> None:
        wanted = reports.prepare(house.actor, {"kind": kind, **YEAR, **more})
        content, _ = reports.render(reports.build(house.actor, wanted), "pdf")
        assert content.startswith(b"%PDF")

    try:
        return [
            Figure("PDF of 50 clients and 100 deals", milliseconds(lambda: make("clients_deals"), 5, 1) / 1000, "s", 2),
            Figure("PDF of the sales summary, two charts", milliseconds(lambda: make("sales_summary"), 5, 1) / 1000, "s"),
        ]
    finally:
        reports.stop_drawing()
