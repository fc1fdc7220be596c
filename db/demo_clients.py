"""The demo account's clients, persons and goods."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from db import demo_words as words


@dataclass(frozen=True, slots=True)
class DemoClient:
    """``activity``: how often it orders, relative to the others."""

    name: str
    short: str
    inn: str
    kpp: str | None
    ogrn: str | None
    email: str
    phone: str
    website: str | None
    city: str
    region: str
    industry: int
    segment: int
    source: int
    owner: int  # index into words.TEAM
    activity: float


@dataclass(frozen=True, slots=True)
class DemoProduct:
    name: str
    sku: str
    kind: str
    group: int
    unit: str
    price: float
    cost: float


def make_products(rng: np.random.Generator) -> list[DemoProduct]:
    """About sixty goods and services in five groups, costs at 55–80 % of the price."""
    out = []
    for group, goods in enumerate(words.GOODS):
        for number, (name, unit, price) in enumerate(goods, 1):
            service = name in words.SERVICES
            share = rng.uniform(0.35, 0.5) if service else rng.uniform(0.55, 0.8)
            out.append(DemoProduct(
                name, f"{'ГПКБО'[group]}-{group + 1}{number:02d}", "service" if service else "good", group, unit,
                round(price, 2), round(price * share, 2),
            ))
    return out


def make_clients(rng: np.random.Generator, count: int) -> list[DemoClient]:
    """Companies with regions, segments, industries, sources; an owner from the region's team."""
    region_weights = np.array([region[4] for region in words.REGIONS], dtype=float)
    regions = rng.choice(len(words.REGIONS), count, p=region_weights / region_weights.sum())
    segments = rng.choice(len(words.SEGMENTS), count, p=[segment[1] for segment in words.SEGMENTS])
    industries = rng.integers(0, len(words.INDUSTRIES), count)
    sources = rng.choice(len(words.SOURCES), count, p=[source[1] for source in words.SOURCES])
    activity = rng.gamma(0.9, 1.0, count) * np.array([2.2, 1.4, 0.8])[segments] + 0.05
    numbers = rng.permutation(9_000_000)[:count] + 100_000
    seen: set[str] = set()
    out = []
    for index in range(count):
        region, city, code, telephone, _, team = words.REGIONS[regions[index]]
        segment = int(segments[index])
        single = segment == 2 and rng.random() < 0.3
        name, short = _name(rng, int(industries[index]), segment, single, city, seen)
        number = int(numbers[index])
        site = words.latin(short)[:24] or f"client{index}"
        out.append(DemoClient(
            name=name, short=short,
            inn=words.inn(code, number, 12 if single else 10),
            kpp=None if single else f"{code}{number % 100:02d}01001",
            ogrn=None if single else words.ogrn(code, number % 10_000_000),
            email=f"info@{site}-{index}.example", phone=f"+7 {telephone} {_phone(rng, 10 - len(telephone))}",
            website=f"https://{site}-{index}.example" if rng.random() < 0.6 else None,
            city=city, region=region, industry=int(industries[index]), segment=segment, source=int(sources[index]),
            owner=_owner(rng, team), activity=float(activity[index]),
        ))
    return out


def _name(
    rng: np.random.Generator, industry: int, segment: int, single: bool, city: str, seen: set[str]
) -> tuple[str, str]:
    ends = words.INDUSTRIES[industry][1]
    for attempt in range(100):
        if single:
            short = person_name(rng)
            form = f"ИП {short}"
        else:
            start = words.NAME_STARTS[rng.integers(len(words.NAME_STARTS))]
            end = ends[rng.integers(len(ends))]
            short = f"{start}{end}" if start.endswith(("ь", "й")) is False and rng.random() < 0.3 else f"{start} {end}"
            short = short if " " in short else start + end.lower()
            if attempt > 2:
                short = f"{short} {city}"
            if attempt > 20:
                short = f"{short} {attempt}"
            form = f"{'АО' if segment == 0 and rng.random() < 0.5 else 'ООО'} «{short}»"
        if form not in seen:
            break
    seen.add(form)
    return form, short


def person_name(rng: np.random.Generator) -> str:
    """Surname and first name that agree."""
    surname = words.SURNAMES[rng.integers(len(words.SURNAMES))]
    if rng.random() < 0.5:
        return f"{surname} {words.MEN[rng.integers(len(words.MEN))]}"
    return f"{surname}а {words.WOMEN[rng.integers(len(words.WOMEN))]}"


def _phone(rng: np.random.Generator, digits: int) -> str:
    text = "".join(str(digit) for digit in rng.integers(0, 10, digits))
    return f"{text[:-4]}-{text[-4:-2]}-{text[-2:]}"


def _owner(rng: np.random.Generator, team: str) -> int:
    reps = [index for index, member in enumerate(words.TEAM) if member[2] == team]
    shares = np.array([words.TEAM[index][5] for index in reps])
    return int(rng.choice(reps, p=shares / shares.sum()))
