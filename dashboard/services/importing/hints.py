"""Spelling: values that look like a known word written wrongly are pointed out, never changed."""

from __future__ import annotations

import difflib
from collections import Counter
from functools import cache
from typing import Any

from babel import Locale

#: Fields whose values come from a common vocabulary.
WATCHED = frozenset({"industry", "country", "client_country"})
MOST = 20
_NEAR = 0.85
_INDUSTRIES = (
    "technology", "technologies", "information technology", "software", "hardware", "electronics", "telecommunications",
    "medical", "healthcare", "pharmaceuticals", "biotechnology", "retail", "wholesale", "marketing", "advertising", "media",
    "finance", "banking", "insurance", "real estate", "construction", "manufacturing", "engineering", "automotive",
    "aerospace", "energy", "oil and gas", "utilities", "agriculture", "food", "food and beverages", "hospitality",
    "tourism", "transport", "transportation", "logistics", "services", "consulting", "education", "employment",
    "entertainment", "government", "legal", "chemicals", "mining", "metallurgy", "furniture", "textiles", "packaging",
    "технологии", "информационные технологии", "программное обеспечение", "электроника", "телекоммуникации", "связь",
    "медицина", "здравоохранение", "фармацевтика", "розничная торговля", "оптовая торговля", "торговля", "маркетинг",
    "реклама", "финансы", "банки", "страхование", "недвижимость", "строительство", "производство", "машиностроение",
    "автомобили", "энергетика", "нефть и газ", "сельское хозяйство", "пищевая промышленность", "гостиницы", "туризм",
    "транспорт", "логистика", "услуги", "консалтинг", "образование", "развлечения", "химия", "металлургия", "мебель",
    "упаковка",
)  # fmt: skip


def suggestions(seen: dict[str, Counter[str]]) -> list[dict[str, Any]]:
    """``{"field", "value", "count", "suggestion"}`` for each doubtful value, most frequent first."""
    found: list[dict[str, Any]] = []
    for field, counts in seen.items():
        vocabulary = _vocabulary("industry" if field == "industry" else "country")
        for value, count in counts.most_common(500):
            near = _nearest(value.lower(), vocabulary)
            if near:
                found.append({"field": field, "value": value, "count": count, "suggestion": near})
    return sorted(found, key=lambda item: -item["count"])[:MOST]


def _nearest(value: str, vocabulary: dict[str, str]) -> str | None:
    if value in vocabulary or len(value) < 5:
        return None
    near = difflib.get_close_matches(value, vocabulary, n=1, cutoff=_NEAR)
    return vocabulary[near[0]] if near else None


@cache
def _vocabulary(kind: str) -> dict[str, str]:
    if kind == "industry":
        return {word: word for word in _INDUSTRIES}
    names = (name for locale in ("en", "ru") for name in Locale(locale).territories.values())
    return {name.lower(): name for name in names}
