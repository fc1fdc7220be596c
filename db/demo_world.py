"""How the demo account's three years went: a small simulation with a real signal in what wins.

The odds of winning grow with the representative's skill, a recommended or repeat client, frequent
contact and a modest discount, and fall with size, cold calls and tenders; lost deals linger.
Moments are minutes before the start of ``today``; everything follows from the seed.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, timedelta

import numpy as np

from db import demo_words as words
from db.demo_clients import DemoClient, DemoProduct
from db.demo_lives import DemoLife, buyers

DAYS = 1096
WIN_RATE = 0.35
OPEN_SHARE = 430 / 12_000
SEASON = (0.66, 0.85, 1.0, 1.02, 0.9, 0.95, 0.86, 0.93, 1.1, 1.18, 1.25, 1.12)
GROWTH_PER_YEAR = 0.22
#: How often a good's companion is taken along.
_TAKEN_ALONG = 0.35
#: Share of the contacts of weekends that stay there.
_WEEKEND_WORK = 0.08


@dataclass(slots=True)
class DemoDeal:
    """Times are days since the start of the three years (with a fraction); ``closed`` is none while open."""

    client: int
    owner: int
    source: int
    opened: float
    repeat: bool
    discount: float
    engagement: float
    status: str = "open"
    closed: float | None = None
    moves: list[tuple[int, float]] = field(default_factory=list)  # stage index, day
    # product, quantity, price, discount, amount
    lines: list[tuple[int, float, float, float, float]] = field(default_factory=list)
    expected: float = 0.0
    reason: int | None = None
    title: str = ""

    @property
    def amount(self) -> float:
        return round(sum(line[4] for line in self.lines), 2)


def first_day(today: date) -> date:
    """The day that the simulation's day 0 is."""
    return today - timedelta(days=DAYS)


def pace(today: date) -> np.ndarray:
    """Relative number of new deals for each day: growth, season, quiet weekends."""
    start = first_day(today)
    days = [start + timedelta(days=number) for number in range(DAYS)]
    growth = np.exp(np.log1p(GROWTH_PER_YEAR) * np.arange(DAYS) / 365)
    season = np.array([SEASON[day.month - 1] for day in days])
    weekday = np.array([0.04 if day.weekday() >= 5 else 1.0 for day in days])
    return growth * season * weekday


def make_deals(
    rng: np.random.Generator, today: date, clients: list[DemoClient], lives: list[DemoLife], products: list[DemoProduct],
    count: int,
) -> list[DemoDeal]:
    """The deals in the order of their opening, each with its way through the stages and its lines."""
    weights = pace(today)
    days = np.sort(rng.choice(DAYS, count, p=weights / weights.sum()))
    opened = np.minimum(days + rng.uniform(9, 18, count) / 24, DAYS - 0.02)
    chosen = buyers(rng, clients, lives, days)
    engagement, luck, tempo = rng.normal(size=count), rng.logistic(size=count), rng.normal(size=count)
    deals = [_begin(rng, clients, int(chosen[index]), float(opened[index]), float(engagement[index])) for index in range(count)]
    for deal in deals:
        _fill(rng, deal, clients[deal.client], products)
    score = np.array([_score(deal, clients[deal.client]) for deal in deals])
    medians = np.array([words.SEGMENTS[clients[deal.client].segment][3] for deal in deals])
    cycles = medians * np.exp(0.55 * tempo - 0.12 * engagement)
    base = _balanced(score, luck)
    scale = _scaled(opened, cycles, OPEN_SHARE * count)
    _live(rng, deals, clients, score, luck, cycles * scale, base)
    return deals


def _begin(rng: np.random.Generator, clients: list[DemoClient], index: int, opened: float, engagement: float) -> DemoDeal:
    client = clients[index]
    reps = [number for number, member in enumerate(words.TEAM) if member[1] == "rep"]
    owner = client.owner if rng.random() < 0.9 else int(rng.choice(reps))
    source = client.source if rng.random() < 0.6 else int(rng.choice(len(words.SOURCES), p=[item[1] for item in words.SOURCES]))
    discount = float(rng.choice([0, 0, 0, 3, 5, 5, 7, 10, 12, 15]))
    return DemoDeal(index, owner, source, opened, False, discount, engagement)


def _fill(rng: np.random.Generator, deal: DemoDeal, client: DemoClient, products: list[DemoProduct]) -> None:
    """Lines whose sum is about what a client of this segment orders."""
    sum_wanted = words.SEGMENTS[client.segment][2] * float(np.exp(rng.normal(0, 0.7)))
    liking = np.array(words.INDUSTRIES[client.industry][2], dtype=float)
    weights = np.array([liking[product.group] for product in products])
    number = min(1 + int(rng.poisson(1.6)), 8)
    chosen = _with_companions(rng, rng.choice(len(products), number, replace=False, p=weights / weights.sum()), products)
    shares = rng.dirichlet(np.ones(len(chosen)) * 2)
    growth = 1 + 0.07 * deal.opened / 365  # prices rise
    for index, share in zip(chosen, shares, strict=True):
        product = products[int(index)]
        price = round(product.price * growth / (1 + 0.07 * DAYS / 365), 2)
        quantity = max(1.0, round(sum_wanted * float(share) / price))
        if product.group == 4:
            quantity = min(quantity, 2.0)
        elif quantity > 50:
            quantity = float(round(quantity / 10) * 10)
        discount = deal.discount if product.kind == "good" else 0.0
        deal.lines.append((int(index), quantity, price, discount, round(quantity * price * (1 - discount / 100) + 1e-9, 2)))


def _with_companions(rng: np.random.Generator, chosen: np.ndarray, products: list[DemoProduct]) -> list[int]:
    """The goods, and with some of them what is often taken along."""
    places = {product.name: place for place, product in enumerate(products)}
    goods = [int(place) for place in chosen]
    for first, second in words.COMPANIONS:
        if places[first] in goods and places[second] not in goods and rng.random() < _TAKEN_ALONG:
            goods.append(places[second])
    return goods


def _score(deal: DemoDeal, client: DemoClient) -> float:
    member, segment = words.TEAM[deal.owner], words.SEGMENTS[client.segment]
    size = np.log(max(deal.amount, 1) / segment[2])
    return float(
        member[3] + words.SOURCES[deal.source][2] + segment[4] + 0.75 * deal.engagement
        + 0.06 * min(deal.discount, 10) - 0.25 * size
    )


def _balanced(score: np.ndarray, luck: np.ndarray) -> float:
    """The constant that makes the wanted share win (repeat clients, unknown yet, add a little)."""
    return -float(np.quantile(score + luck, 1 - WIN_RATE)) - 0.68


def _scaled(opened: np.ndarray, cycles: np.ndarray, wanted: float) -> float:
    low, high = 0.05, 20.0
    for _ in range(40):
        middle = (low * high) ** 0.5
        if (opened + cycles * middle * 1.05 > DAYS).sum() > wanted:
            high = middle
        else:
            low = middle
    return (low * high) ** 0.5


def _live(
    rng: np.random.Generator, deals: list[DemoDeal], clients: list[DemoClient], score: np.ndarray, luck: np.ndarray,
    cycles: np.ndarray, base: float,
) -> None:
    """Let the deals go on day by day: what a client bought before makes the next deal likelier."""
    won_before: dict[int, list[float]] = {}
    for index, deal in enumerate(deals):
        known = sum(day < deal.opened for day in won_before.get(deal.client, ()))
        deal.repeat = known > 0
        wins = base + score[index] + 0.45 * min(known, 3) + luck[index] > 0
        reached = 4 if wins else int(rng.choice(5, p=[0.20, 0.25, 0.25, 0.19, 0.11]))
        length = float(cycles[index]) * (0.92 if wins else 0.45 + 0.19 * reached)
        shares = rng.dirichlet([2.0, 2.5, 2.5, 3.0, 1.5][: reached + 1])
        day = deal.opened
        for stage, share in enumerate(shares):
            if day < DAYS:
                deal.moves.append((stage, day))
            day += length * float(share)
        planned = deal.opened + float(cycles[index]) * float(np.exp(rng.normal(-0.05, 0.3)))
        if day < DAYS:
            _close(rng, deal, wins, day)
            if wins:
                won_before.setdefault(deal.client, []).append(day)
        _expect(rng, deal, planned)
        _call(rng, deal, clients[deal.client])


def _close(rng: np.random.Generator, deal: DemoDeal, wins: bool, day: float) -> None:
    deal.closed, deal.status = day, "won" if wins else "lost"
    deal.moves.append((5 if wins else 6, day))
    if not wins:
        silent, dear = max(0.2, 1 - deal.engagement), 2.5 if deal.discount < 5 else 1.0
        weights = np.array([dear, 1.8, 1.2, silent, 0.9, 0.8])
        deal.reason = int(rng.choice(6, p=weights / weights.sum()))


def _expect(rng: np.random.Generator, deal: DemoDeal, planned: float) -> None:
    """The expected day slips while the deal lives on, and some are simply overdue."""
    end = deal.closed if deal.closed is not None else float(DAYS)
    while planned < end - 2 and rng.random() < 0.5:
        planned = max(planned, deal.opened) + float(rng.uniform(5, 21))
    deal.expected = max(planned, deal.opened + 1)


def _call(rng: np.random.Generator, deal: DemoDeal, client: DemoClient) -> None:
    group = words.GROUPS[_main_group(deal)]
    forms = words.REPEAT_TITLES if deal.repeat and rng.random() < 0.7 else words.TITLES
    deal.title = forms[rng.integers(len(forms))].format(group=group, client=client.short)


def _main_group(deal: DemoDeal) -> int:
    sizes = [len(goods) for goods in words.GOODS]
    biggest = max(deal.lines, key=lambda line: line[4])[0]
    return int(np.searchsorted(np.cumsum(sizes), biggest, side="right"))


@dataclass(frozen=True, slots=True)
class DemoContact:
    """``deal`` is none for a call with a ``client`` outside any deal."""

    deal: int | None
    kind: str
    subject: str
    day: float
    due: float | None = None
    done: float | None = None
    client: int | None = None


def make_contacts(rng: np.random.Generator, deals: list[DemoDeal]) -> list[DemoContact]:
    """Calls, letters, meetings, notes and tasks: more of them where a deal is cared for."""
    kinds, weights = ("call", "email", "meeting", "note", "task"), [0.42, 0.32, 0.10, 0.06, 0.10]
    out = []
    for index, deal in enumerate(deals):
        end = deal.closed if deal.closed is not None else max(float(DAYS) - 0.3, deal.opened)
        weeks = max(end - deal.opened, 0.5) / 7
        rate = np.exp(0.12 + 0.42 * deal.engagement + words.TEAM[deal.owner][4])
        number = 1 + int(rng.poisson(min(rate * weeks**0.75, 25)))
        days = np.floor(rng.uniform(deal.opened, end, number)) + rng.uniform(9, 18, number) / 24
        drawn, topics = rng.choice(len(kinds), number, p=weights), rng.random(number)
        for day, draw, topic in zip(np.clip(days, deal.opened, end), drawn, topics, strict=True):
            kind = kinds[draw]
            subject = words.SUBJECTS[kind][int(topic * len(words.SUBJECTS[kind]))]
            due = float(day) + float(rng.uniform(1, 7)) if kind == "task" else None
            done = min(due + float(rng.normal(0, 0.8)), end) if due is not None else None
            out.append(DemoContact(index, kind, subject, float(day), due, max(done, float(day)) if done is not None else None))
        if deal.closed is None and rng.random() < 0.7:
            subject = words.SUBJECTS["task"][rng.integers(len(words.SUBJECTS["task"]))]
            begun = max(deal.opened, DAYS - float(rng.uniform(1, 9)))
            out.append(DemoContact(index, "task", subject, begun, DAYS + round(float(rng.normal(2.0, 4.0))) + 0.6))
    return out


def make_calls(rng: np.random.Generator, lives: list[DemoLife]) -> list[DemoContact]:
    """The calls and letters between deals."""
    out = []
    for index, life in enumerate(lives):
        for day in life.calls:
            kind = "call" if rng.random() < 0.7 else "email"
            subject = words.BETWEEN[rng.integers(len(words.BETWEEN))]
            out.append(DemoContact(None, kind, subject, day, client=index))
    return out


def on_workdays(
    rng: np.random.Generator, contacts: list[DemoContact], deals: list[DemoDeal], begin: date
) -> list[DemoContact]:
    """The contacts of weekends on the nearest workday that the deal's life has room for; a few stay where they are."""
    first, out = begin.weekday(), []
    for contact in contacts:
        deal = None if contact.deal is None else deals[contact.deal]
        low, high = (0.0, DAYS - 0.3) if deal is None else (deal.opened, DAYS - 0.3 if deal.closed is None else deal.closed)
        if rng.random() < _WEEKEND_WORK:
            out.append(contact)
            continue
        day = _workday(contact.day, first, low, high)
        due = None if contact.due is None else _workday(contact.due, first, day, np.inf)
        done = None if contact.done is None else max(day, _workday(contact.done, first, day, high))
        out.append(replace(contact, day=day, due=due, done=done))
    return out


def _workday(day: float, first: int, low: float, high: float) -> float:
    """``day``, or the nearest workday between ``low`` and ``high``. ``first``: weekday of day 0, Monday is 0."""
    for step in {5: (-1.0, 2.0), 6: (1.0, -2.0)}.get((first + int(day)) % 7, ()):
        if low <= day + step <= high:
            return day + step
    return day
