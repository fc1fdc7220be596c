"""The rules by which the search forgives: each of them for any word."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.search.folding import composed, fold, placed_words, words
from dashboard.search.latin import latin_key
from dashboard.search.layouts import swapped, to_latin, to_russian
from dashboard.search.marks import cut, marks, piece
from dashboard.search.query import readings
from dashboard.search.ranking import find
from dashboard.search.segment import EVERYBODY, Kind, Row, of_rows
from dashboard.search.stems import stem
from dashboard.search.vocabulary import Vocabulary

RUSSIAN, LATIN = "абвгдеёжзийклмнопрстуфхцчшщъыьэюя", "abcdefghijklmnopqrstuvwxyz"
russian = st.text(RUSSIAN, min_size=1, max_size=12)
latin = st.text(LATIN, min_size=1, max_size=12)
word = st.one_of(russian, latin)


@st.composite
def mistaken(draw: st.DrawFn, least: int = 4) -> tuple[str, str]:
    """A word and the same with one letter left out, put in, replaced, or swapped with the next."""
    alphabet = draw(st.sampled_from([RUSSIAN.replace("ё", ""), LATIN]))
    right = draw(st.text(alphabet, min_size=least, max_size=12))
    at, letter = draw(st.integers(0, len(right) - 2)), draw(st.sampled_from(alphabet))
    wrong = draw(st.sampled_from([
        right[:at] + right[at + 1 :], right[:at] + letter + right[at:], right[:at] + letter + right[at + 1 :],
        right[:at] + right[at + 1] + right[at] + right[at + 2 :],
    ]))  # fmt: skip
    return right, wrong


def ids(names: list[str], asked: str) -> list[int]:
    segment = of_rows(Row(Kind.CLIENT, at, EVERYBODY, name) for at, name in enumerate(names))
    return [hit.id for hit in find([segment], asked).get(Kind.CLIENT, [])]


@given(st.text())
def test_folding_twice_is_folding_once(text: str) -> None:
    assert words(" ".join(words(text))) == words(text)


@given(russian)
def test_case_and_yo_make_no_difference(text: str) -> None:
    assert fold(text.upper()) == fold(text) == text.replace("ё", "е")
    assert fold(unicodedata.normalize("NFD", text)) == fold(text)


@given(st.text())
def test_words_stand_where_they_are_said_to(text: str) -> None:
    text = composed(text)
    placed = placed_words(text)
    assert [item.folded for item in placed] == words(text)
    for item in placed:
        assert item.folded in fold(text[item.start : item.end]) or len(item.folded) == 48


@given(st.text(RUSSIAN + RUSSIAN.upper(), min_size=1))
def test_russian_layout_there_and_back(text: str) -> None:
    assert to_russian(to_latin(text)) == text and swapped(swapped(text)) == text


@given(st.text(LATIN + LATIN.upper(), min_size=1))
def test_latin_layout_there_and_back(text: str) -> None:
    assert to_latin(to_russian(text)) == text and swapped(text) == to_russian(text)


@given(st.text(RUSSIAN, min_size=3, max_size=12))
def test_a_word_typed_on_the_other_layout_is_found(text: str) -> None:
    assert ids([text, "шш"], to_latin(text))[:1] == [0]


@pytest.mark.parametrize(
    ("typed", "meant"), [("ghbdtn", "привет"), ("Ufpghjv", "Газпром"), ("пщщпду", "google"), ("`krf", "ёлка"), ("][j", "ъхо")]
)
def test_layouts(typed: str, meant: str) -> None:
    assert swapped(typed) == meant


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("газпром", "gazprom"), ("ромашка", "romashka"), ("щукин", "shchukin"), ("щукин", "schukin"), ("лукойл", "lukoil"),
        ("лукойл", "lukoyl"), ("яндекс", "yandex"), ("чайковский", "tchaikovsky"), ("хабаровск", "khabarovsk"),
        ("хабаровск", "habarovsk"), ("цемент", "tsement"), ("юрий", "yuriy"), ("юрий", "iurii"), ("ёлкин", "elkin"),
        ("жуков", "zhukov"), ("объект", "obekt"), ("максим", "maxim"),
    ],
)  # fmt: skip
def test_spellings(one: str, other: str) -> None:
    assert latin_key(fold(one)) == latin_key(fold(other))
    assert ids([one.title()], other) == ids([other.title()], one) == [0]


@given(mistaken())
def test_every_single_mistake_is_found(pair: tuple[str, str]) -> None:
    right, wrong = pair
    vocabulary = Vocabulary(sorted({right, "совсем", "другое", "something", "else"}))
    number = vocabulary.exact(right)
    assert number in [found for found, _ in vocabulary.near(wrong, 1)]


@given(mistaken(least=4))
def test_a_name_with_a_mistake_is_found(pair: tuple[str, str]) -> None:
    right, wrong = pair
    assert 0 in ids([right, "Василёк", "Blue Sky"], wrong)


@given(st.lists(word, min_size=1, max_size=30), st.data())
def test_a_vocabulary_finds_like_a_plain_list(many: list[str], data: st.DataObject) -> None:
    known = sorted({fold(item) for item in many})
    vocabulary = Vocabulary(known)
    part = data.draw(st.one_of(word.map(fold), st.sampled_from(known).map(lambda item: item[: len(item) // 2 + 1])))
    assert [vocabulary[at] for at in range(len(vocabulary))] == known
    assert [vocabulary[at] for at in vocabulary.beginning(part)] == [item for item in known if item.startswith(part)]
    assert [vocabulary[at] for at in vocabulary.containing(part)] == [item for item in known if part in item]
    exact = vocabulary.exact(part)
    assert (vocabulary[exact] if exact is not None else None) == (part if part in known else None)


@given(word, st.integers(0, 11), st.integers(1, 12))
def test_any_part_of_a_name_finds_it(name: str, start: int, size: int) -> None:
    part = name[start : start + size]
    if len(part) >= 3 or (part and name.startswith(part)):
        assert 0 in ids([f"ООО {name}", "Дуб"], part)


@pytest.mark.parametrize(
    ("form", "other"),
    [("договоры", "договором"), ("встреча", "встречу"), ("поставки", "поставка"), ("meetings", "meeting")],
)
def test_forms_of_a_word_share_a_stem(form: str, other: str) -> None:
    assert stem(form) == stem(other)


@pytest.mark.parametrize(
    "asked",
    ["+7 (912) 345-67-89", "8 912 345 67 89", "89123456789", "912-345", "345 67 89", "7 912 345 67 98", "912 345 68 89"],
)
def test_a_phone_in_any_notation(asked: str) -> None:
    rows = [Row(Kind.CLIENT, 0, EVERYBODY, "Дуб", "79123456789"), Row(Kind.CLIENT, 1, EVERYBODY, "Ель", "74950001122")]
    assert [hit.id for hit in find([of_rows(rows)], asked)[Kind.CLIENT]] == [0]


@pytest.mark.parametrize("asked", ["ОООРомашка", "ромаш ка", "ООО Рома шка", "Ромашкаа плюс", "плюс ромашка", "ромшка плс"])
def test_spaces_too_many_or_too_few(asked: str) -> None:
    assert ids(["ООО Ромашка плюс", "ООО Василёк", "Дуб и Ко"], asked)[:1] == [0]


def test_the_better_answer_stands_first() -> None:
    names = ["Газпромбанк", "Газпром", "ПАО Газпром нефть", "Мосгазпромстрой"]
    assert ids(names, "газпром")[:2] == [1, 0]
    rows = [Row(Kind.CLIENT, 1, EVERYBODY, "Дуб", "Москва"), Row(Kind.CLIENT, 2, EVERYBODY, "Москва плюс")]
    assert [hit.id for hit in find([of_rows(rows)], "москва")[Kind.CLIENT]] == [2, 1]


@given(st.text(max_size=300))
def test_any_text_is_read_and_marked_without_loss(text: str) -> None:
    text = composed(text)
    asked = readings(text)
    known = asked[0].words if asked else ("а",)
    spans = marks(text, known)
    assert "".join(part for part, _ in cut(text, spans)) == text
    assert all(start < end for start, end in spans) and spans == sorted(spans)
    assert len(piece(text, known)) <= 120


@pytest.mark.parametrize(
    ("text", "asked", "marked"),
    [
        ("ПАО «Газпром»", "азпро", ["азпро"]), ("ООО Ёлка", "елк", ["Ёлк"]),
        ("+7 (912) 345-67-89", "91234567", ["912) 345-67"]),
        ("Ромашка", "рамашка", ["Ромашка"]), ("Газпром", "gazprom", ["Газпром"]),
        ("договоры поставки", "договором", ["договоры"]),
        ("Straße 5", "strasse", ["Straße"]), ("Северный ветер", "ветр севрный", ["Северный", "ветер"]),
    ],
)  # fmt: skip
def test_what_is_marked(text: str, asked: str, marked: list[str]) -> None:
    text = composed(text)
    assert [part for part, is_marked in cut(text, marks(text, words(asked))) if is_marked] == marked


def test_a_piece_of_a_long_note_holds_the_answer() -> None:
    assert "договор" in piece("начало " * 300 + "договор подписан " + "конец " * 1000, ["договор"])
