"""Past days: both engines agree, and the deals are those that the records told then."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import select

from dashboard.analytics.overview import answer_overview
from dashboard.analytics.questions import OverviewQuery
from dashboard.analytics.schema import deals
from dashboard.services import context, past
from tests.services import random_sales
from tests.services.test_differential import differences, same

TODAY = datetime.now(UTC).date()


def test_past_days_agree_on_both_engines(account: Any) -> None:
    rng = random.Random(5)
    actor = account.actor
    ids = random_sales.fill(context.database(), context.scope(actor), rng, deals=150)
    limited = replace(actor, member_id=ids["members"][0], only_own=True)
    for number in range(12):
        who = limited if number % 3 == 2 else actor
        day = TODAY - timedelta(days=rng.randint(0, 500))
        query = OverviewQuery(day - timedelta(days=90), day, day - timedelta(days=180), day - timedelta(days=91))
        answers = []
        for engine in ("duckdb", "postgres"):
            with past.session(who, day, engine=engine) as glass:
                rows = glass.rows(select(deals).order_by(deals.c.id))
                answers.append([rows, answer_overview(glass, query)])
        assert same(*answers), (day, who.only_own, differences(*answers))
        assert answers[0][0] or who.only_own
