"""Check digits of Russian taxpayers' and registration numbers."""

from __future__ import annotations

RUSSIA = {"россия", "рф", "российская федерация", "russia", "russian federation", "ru", "rus"}


def _weighted(digits: str, weights: tuple[int, ...]) -> str:
    return str(sum(int(digit) * weight for digit, weight in zip(digits, weights, strict=False)) % 11 % 10)


def inn_valid(inn: str) -> bool:
    """Check digits of a Russian taxpayer number: 10 digits (organisation) or 12 (person)."""
    tail = (2, 4, 10, 3, 5, 9, 4, 6, 8)
    if not (inn.isascii() and inn.isdigit()) or not inn.strip("0"):
        return False
    if len(inn) == 10:
        return inn[9] == _weighted(inn, tail)
    return len(inn) == 12 and inn[10] == _weighted(inn, (7, *tail)) and inn[11] == _weighted(inn, (3, 7, *tail))


def ogrn_valid(ogrn: str) -> bool:
    """Check digit of a Russian registration number: 13 digits (organisation) or 15 (entrepreneur)."""
    if not (ogrn.isascii() and ogrn.isdigit()) or len(ogrn) not in (13, 15) or not ogrn.strip("0"):
        return False
    return int(ogrn[:-1]) % (len(ogrn) - 2) % 10 == int(ogrn[-1])
