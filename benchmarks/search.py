"""The search over everything: typed words of every sort, its index's making and size, and what mistakes cost in recall."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks import publicdata
from benchmarks.house import House
from benchmarks.measure import Figure, milliseconds
from dashboard.search import ranking
from dashboard.search.keeper import Keeper
from dashboard.search.segment import Kind, Row, Segment, of_rows
from dashboard.services import clients, search

SEED = 20261122
_LIMIT_MS = 50.0
_WAIT_S = 600
_ALPHABETS = ("abcdefghijklmnopqrstuvwxyz", "абвгдежзийклмнопрстуфхцчшщъыьэюя")
#: Mistakes, and the least share of names that must stand among the first ten.
RECALL = ((0, 99.5), (1, 97.0), (2, 90.0))


def run(house: House) -> list[Figure]:
    """Server time of whole answers (index, rights, records, marks), at the house's size."""
    actor = house.actor
    keeper = Keeper(house.database, actor.account_id)
    started = time.perf_counter()
    assert keeper.segments(_WAIT_S) is not None
    figures = [
        Figure("search: index made, in the background", time.perf_counter() - started, "s"),
        Figure("search: memory of the index", keeper.memory_bytes() / 2**20, "MB"),
    ]
    search._keepers.of(actor.account_id).segments(_WAIT_S)
    client = clients.by_ids(actor, [_some_client(actor)])[0]
    questions = {
        "a client's whole name": client.name, "its first letters": client.name[5:9], "a common word": "ооо",
        "two words with a mistake each": _mistaken(_mistaken(client.name, random.Random(1)), random.Random(2)),
        "one word, a letter missing": _words(client.name)[1][:3] + _words(client.name)[1][4:],
        "on the other layout": "dtrnjh", "in Latin letters": "vektor",
        "a phone": client.phone or "9", "an e-mail": client.email or "@",
        "a word of a million deals": "поставка", "a deal by word and number": f"поставка {house.size // 2}",
        "digits": str(house.size // 3), "a word of half a million notes": "контакт", "one letter": "а", "nothing": "qzxqzx",
    }  # fmt: skip
    for name, asked in questions.items():
        figures.append(Figure(f"search: {name}", milliseconds(lambda asked=asked: search.find(actor, asked)), "ms", _LIMIT_MS))  # type: ignore[misc]
    figures.append(Figure("search: after an edit", _after_an_edit(house, client.id), "ms", _LIMIT_MS))
    return figures + recall_figures()


def _some_client(actor: object) -> int:
    return search.find(actor, "info").groups[0].rows[0].id  # type: ignore[arg-type]


def _words(name: str) -> list[str]:
    return name.replace("«", " ").replace("»", " ").split()


def _after_an_edit(house: House, client_id: int) -> float:
    number = iter(range(10**6))

    def work() -> None:
        client = clients.by_ids(house.actor, [client_id])[0]
        clients.edit(house.actor, client_id, {"city": f"Тверь {next(number)}"}, client.version)
        started = time.perf_counter()
        search.find(house.actor, client.name)
        times.append((time.perf_counter() - started) * 1000)

    times: list[float] = []
    for _ in range(9):
        work()
    return sorted(times)[len(times) // 2]


# --- recall ----------------------------------------------------------------------------------------------------


def names(folder: Path | None = None) -> list[str]:
    """The different company names of the real list; none where it is not there."""
    path = (folder or publicdata.FOLDER) / "company_names" / "names.txt"
    if not path.exists():
        return []
    return list(dict.fromkeys(line.strip() for line in path.read_text("utf-8").splitlines() if line.strip()))


def index_of(known: list[str]) -> Segment:
    """An index of clients so called; ids count from 1."""
    return of_rows(Row(Kind.CLIENT, at, -1, name) for at, name in enumerate(known, 1))


def recall(
    known: list[str], segment: Segment, mistakes: int, sample: int | None = None,
    wrong: Callable[[str, random.Random], str] | None = None,
) -> float:
    """The share (per cent) of names that stand among the first ten when typed with so many random mistakes."""
    chance = random.Random(SEED + mistakes)
    numbered = list(enumerate(known, 1))
    asked = chance.sample(numbered, sample) if sample else numbered
    found = 0
    for number, name in asked:
        typed = name
        for _ in range(mistakes):
            typed = (wrong or _mistaken)(typed, chance)
        hits = ranking.find([segment], typed, limit=10).get(Kind.CLIENT, [])
        found += any(hit.id == number for hit in hits)
    return 100 * found / len(asked)


def _mistaken(text: str, chance: random.Random) -> str:
    """One letter (or space) left out, put in, replaced, or two swapped, anywhere."""
    letters = _ALPHABETS[any("а" <= letter <= "я" for letter in text.lower())]
    at = chance.randrange(len(text))
    match chance.randrange(4):
        case 0 if len(text) > 1:
            return text[:at] + text[at + 1 :]
        case 1:
            return text[:at] + chance.choice(letters) + text[at:]
        case 2 if len(text) > 1:
            at = min(at, len(text) - 2)
            return text[:at] + text[at + 1] + text[at] + text[at + 2 :]
    return text[:at] + chance.choice(letters) + text[at + 1 :]


def recall_figures() -> list[Figure]:
    """Misses among the first ten, in per cent of all names, beside what is allowed."""
    known = names()
    if not known:
        return []
    segment = index_of(known)
    return [
        Figure(f"search: {mistakes} mistakes in {len(known):,} names, not in the first 10",
               100 - recall(known, segment, mistakes), "%", 100 - least)
        for mistakes, least in RECALL
    ]  # fmt: skip
