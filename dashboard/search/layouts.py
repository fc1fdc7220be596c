"""What was meant when the keyboard stood on the other layout: ghbdtn → привет, пщщпду → google."""

from __future__ import annotations

_LATIN = "qwertyuiop[]asdfghjkl;'zxcvbnm,.`QWERTYUIOP{}ASDFGHJKL:\"ZXCVBNM<>~"
_RUSSIAN = "йцукенгшщзхъфывапролджэячсмитьбюёЙЦУКЕНГШЩЗХЪФЫВАПРОЛДЖЭЯЧСМИТЬБЮЁ"
_TO_RUSSIAN = str.maketrans(_LATIN, _RUSSIAN)
_TO_LATIN = str.maketrans(_RUSSIAN, _LATIN)


def to_russian(text: str) -> str:
    """The same keys on the Russian layout."""
    return text.translate(_TO_RUSSIAN)


def to_latin(text: str) -> str:
    """The same keys on the Latin layout."""
    return text.translate(_TO_LATIN)


def swapped(text: str) -> str:
    """The same keys on the layout that ``text`` was not typed on."""
    russian = sum(character in _RUSSIAN for character in text)
    latin = sum(character.isascii() and character.isalpha() for character in text)
    return to_latin(text) if russian > latin else to_russian(text)
