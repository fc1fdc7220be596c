"""The filter as text: reading it, and writing the one normal form of it.

    expression := any ; any := all ("or" all)* ; all := term ("and" term)*
    term := "not" term | "(" any ")" | path "has" "(" any ")" | path operator values
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from db.filter_tree import (
    EVERYTHING,
    MAX_DEPTH,
    MAX_LENGTH,
    MAX_NODES,
    MAX_VALUES,
    And,
    Condition,
    FieldSet,
    FilterError,
    Has,
    Node,
    Not,
    Op,
    Or,
    Value,
    both,
    either,
)
from db.filter_values import read_value, value_text

KEYWORDS = frozenset({"and", "or", "not", "in", "is", "null", "between", "has"})
_TOKEN = re.compile(
    r"""(?P<space>\s+)
    |(?P<string>"(?:[^"\\]|\\.)*")
    |(?P<open>\()|(?P<close>\))|(?P<comma>,)
    |(?P<operator>!=|<=|>=|=|<|>|~)
    |(?P<word>[^\s"(),=<>!~]+)""",
    re.VERBOSE | re.DOTALL,
)
_PLAIN = re.compile(r"[^\W\d_]\w*\Z")


@dataclass(frozen=True, slots=True)
class Token:
    kind: str
    text: str
    position: int

    def is_word(self, *words: str) -> bool:
        return self.kind == "word" and self.text.lower() in words


@lru_cache(maxsize=1024)  # one request asks for its filter's tree a dozen times; nobody can change a tree
def parse(text: str, fields: FieldSet) -> Node:
    """The tree of a filter text; empty text takes every row. Raises FilterError."""
    if len(text) > MAX_LENGTH:
        raise FilterError("too_long", MAX_LENGTH, limit=MAX_LENGTH)
    tokens = _tokens(text)
    if tokens[0].kind == "end":
        return EVERYTHING
    reader = _Reader(tokens)
    node = reader.any(fields, 1)
    if reader.here.kind != "end":
        raise FilterError("expected_end", reader.here.position, found=reader.here.text)
    return node


def _tokens(text: str) -> list[Token]:
    found, at = [], 0
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            code = "unclosed_quote" if text[at] == '"' else "bad_character"
            raise FilterError(code, at, found=text[at])
        kind = match.lastgroup or ""
        if kind != "space":
            found.append(Token(kind, match.group(), at))
        at = match.end()
    found.append(Token("end", "", len(text)))
    return found


class _Reader:
    """Recursive descent; depth and size are counted on the way, so nothing deep is ever built."""

    def __init__(self, tokens: list[Token]) -> None:
        self.tokens = tokens
        self.index = 0
        self.nodes = 0

    @property
    def here(self) -> Token:
        return self.tokens[self.index]

    def next(self) -> Token:
        token = self.here
        if token.kind != "end":
            self.index += 1
        return token

    def expect(self, kind: str, wanted: str) -> Token:
        if self.here.kind != kind:
            raise FilterError("expected", self.here.position, wanted=wanted, found=self.here.text)
        return self.next()

    def count(self, depth: int) -> None:
        self.nodes += 1
        if depth > MAX_DEPTH:
            raise FilterError("too_deep", self.here.position, limit=MAX_DEPTH)
        if self.nodes > MAX_NODES:
            raise FilterError("too_many", self.here.position, limit=MAX_NODES)

    def any(self, fields: FieldSet, depth: int) -> Node:
        parts = [self.all(fields, depth)]
        while self.here.is_word("or"):
            self.next()
            parts.append(self.all(fields, depth))
        return either(*parts)

    def all(self, fields: FieldSet, depth: int) -> Node:
        parts = [self.term(fields, depth)]
        while self.here.is_word("and"):
            self.next()
            parts.append(self.term(fields, depth))
        return both(*parts)

    def term(self, fields: FieldSet, depth: int) -> Node:
        self.count(depth)
        if self.here.is_word("not"):
            self.next()
            return Not(self.term(fields, depth + 1))
        if self.here.kind == "open":
            return self.group(fields, depth)
        token = self.here
        if token.kind != "word" or token.text.lower() in KEYWORDS:
            raise FilterError("expected_condition", token.position, found=token.text)
        self.next()
        if self.here.is_word("has"):
            self.next()
            _, target = fields.walk(token.text.split("."), token.text, token.position)
            return Has(token.text, self.group(target, depth, may_be_empty=True), token.position)
        return self.condition(token, fields)

    def group(self, fields: FieldSet, depth: int, *, may_be_empty: bool = False) -> Node:
        self.expect("open", "(")
        if may_be_empty and self.here.kind == "close":
            self.next()
            return EVERYTHING
        inner = self.any(fields, depth + 1)
        self.expect("close", ")")
        return inner

    def condition(self, path: Token, fields: FieldSet) -> Condition:
        _, field = fields.resolve(path.text, path.position)
        at = self.here.position
        op = self.operator()
        if op not in field.operators:
            raise FilterError("bad_operator", at, field=path.text, operator=op.value, kind=field.kind.value)
        values: tuple[Value, ...] = ()
        if op in (Op.IN, Op.NOT_IN):
            values = self.values(path, field)
        elif op is Op.BETWEEN:
            low = self.value(path, field)
            if not self.here.is_word("and"):
                raise FilterError("expected", self.here.position, wanted="and", found=self.here.text)
            self.next()
            values = (low, self.value(path, field))
        elif op not in (Op.NULL, Op.NOT_NULL):
            values = (self.value(path, field),)
        return Condition(path.text, op, values, path.position)

    def operator(self) -> Op:
        token = self.next()
        if token.kind == "operator":
            return Op(token.text)
        if token.is_word("in"):
            return Op.IN
        if token.is_word("between"):
            return Op.BETWEEN
        if token.is_word("not") and self.here.is_word("in"):
            self.next()
            return Op.NOT_IN
        if token.is_word("is"):
            negated = self.here.is_word("not")
            if negated:
                self.next()
            if self.here.is_word("null"):
                self.next()
                return Op.NOT_NULL if negated else Op.NULL
        raise FilterError("expected_operator", token.position, found=token.text)

    def values(self, path: Token, field: object) -> tuple[Value, ...]:
        self.expect("open", "(")
        found = [self.value(path, field)]
        while self.here.kind == "comma":
            self.next()
            found.append(self.value(path, field))
            if len(found) > MAX_VALUES:
                raise FilterError("too_many_values", self.here.position, limit=MAX_VALUES)
        self.expect("close", ")")
        return tuple(found)

    def value(self, path: Token, field: object) -> Value:
        token = self.next()
        if token.kind == "string":
            raw = re.sub(r"\\(.)", r"\1", token.text[1:-1], flags=re.DOTALL)
        elif token.kind == "word" and token.text.lower() not in KEYWORDS:
            raw = token.text
        else:
            raise FilterError("expected_value", token.position, field=path.text, found=token.text)
        return read_value(raw, field, path.text, token.position)  # type: ignore[arg-type]


def to_text(node: Node) -> str:
    """The normal text of a tree: parsing it gives the tree again, writing that gives the same text."""
    return _write(node, outer="")


def _write(node: Node, outer: str) -> str:
    match node:
        case And(children):
            text = " and ".join(_write(child, "and") for child in children)
            return f"({text})" if outer in ("and", "not") and children else text
        case Or(children):
            text = " or ".join(_write(child, "or") for child in children)
            return f"({text})" if outer in ("and", "or", "not") else text
        case Not(child):
            return "not " + _write(child, "not")
        case Has(relation, child):
            return f"{relation} has ({_write(child, '')})"
        case Condition(field, op, values):
            return " ".join(part for part in (field, op.value, _write_values(op, values)) if part)


def _write_values(op: Op, values: tuple[Value, ...]) -> str:
    texts = [_quoted(value) for value in values]
    if op in (Op.IN, Op.NOT_IN):
        return f"({', '.join(texts)})"
    return " and ".join(texts)


def _quoted(value: Value) -> str:
    text = value_text(value)
    if not isinstance(value, str):
        return text
    if _PLAIN.match(text) and text.lower() not in KEYWORDS:
        return text
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def quote(value: str) -> str:
    """A text value as it stands in a filter."""
    return _quoted(value)
