"""docs/metrics.md, written from the code: ``python -m dashboard.services.metrics_page > docs/metrics.md``."""

from __future__ import annotations

import sys
from datetime import date

from dashboard import i18n
from dashboard.analytics.metrics import DIMENSIONS, METRICS, Metric
from dashboard.analytics.questions import OverviewQuery
from dashboard.services.pipeline_past import STOOD

#: The month the examples of filters are about.
_EXAMPLE = OverviewQuery(date(2026, 10, 1), date(2026, 10, 31))
_GOOD = {1: "up", -1: "down", 0: "–"}
_HEAD = """# Figures

Written from `dashboard/analytics/metrics.py` (`python -m dashboard.services.metrics_page`); a test keeps both equal.
Every figure opens the rows it is made of; the example is October 2026. A *flow* happens within the period, a *stock*
stands at its end. Money is kopecks in the reading tables, shares are 0..1, days are whole or medians of whole days.
The open and the weighted pipeline of a day that is over are the sums that stood then. Only «What changed» shares the open
pipeline out by the deals' own dates with the amounts of today; the pipeline changes beside it are of the days themselves.

"""


def page() -> str:
    """The whole page."""
    parts = [_HEAD, "## Metrics\n\n", *map(_metric, METRICS.values()), _dimensions()]
    return "".join(parts)


def _metric(metric: Metric) -> str:
    drill = metric.drill(_EXAMPLE, date(2026, 11, 22))
    english, russian = ((i18n.t(metric.label, locale), i18n.t(metric.formula, locale)) for locale in ("en", "ru"))
    past = ", earlier days from history: the sum that stood then, its rows as of that day" if metric.name in STOOD else ""
    return (
        f"### {english[0]} / {russian[0]} (`{metric.name}`)\n\n"
        f"- {english[1]}.\n- {russian[1]}.\n"
        f"- Unit {metric.unit}, {'stock' if metric.stock else 'flow'}{past}; good when {_GOOD[metric.good]}.\n"
        f"- Rows ({drill.entity}): `{drill.filter}`\n\n"
    )


def _dimensions() -> str:
    lines = [
        "## Dimensions\n\nEvery metric can be split by every one of them.\n\n",
        "| name | English | Russian | filter |\n|---|---|---|---|\n",
    ]
    for split in DIMENSIONS.values():
        english, russian = (i18n.t(split.label, locale) for locale in ("en", "ru"))
        lines.append(f"| `{split.name}` | {english} | {russian} | `{split.path}` |\n")
    return "".join(lines)


if __name__ == "__main__":
    sys.stdout.write(page())
