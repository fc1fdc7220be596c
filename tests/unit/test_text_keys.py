"""Every text of the catalogues is asked for somewhere, and every text asked for stands there.

A key is used when the code writes it out, or when an f-string of the code fits it and the parts
filled in are words of the code too (``f"advice.{name}"`` with ``"mine"`` somewhere).
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from dashboard import i18n

ROOT = Path(__file__).resolve().parents[2]

#: Beginnings that only running code knows: put together of names alone, or of codes the database and libraries give.
DYNAMIC = (
    "imports.problem.",  # services.importing.child.reason: the room and the code are both variables
    "problems.",         # codes of pydantic and of the database's checks
    "errors.",           # services.wording: the error's code, then its parts
    "changes.",          # a changeset's title: the record's kind and what was done
    "grid.locale.",      # AG Grid's own names
    "api.",              # names of operations and parameters with other separators
    "ai.rung.", "ai.feature.", "ai.advice.", "clientai.feature.",  # explain: the key is handed over whole
    "bell.job_",         # a notice's kind and a job's kind
    "dimensions.",       # dimensions of days are made of a verb and a unit
)
_ASKING = {"t", "tr", "n", "trn"}


@cache
def _sources() -> tuple[str, ...]:
    files = [ROOT / "app.py", ROOT / "manage.py", *(ROOT / "dashboard").rglob("*.py"), *(ROOT / "db").rglob("*.py")]
    return tuple(path.read_text("utf-8") for path in files)


@cache
def _nodes() -> tuple[ast.AST, ...]:
    wanted = (ast.Call, ast.Constant, ast.JoinedStr)
    return tuple(node for source in _sources() for node in ast.walk(ast.parse(source)) if isinstance(node, wanted))


def _pattern(node: ast.JoinedStr) -> str:
    parts = (part.value if isinstance(part, ast.Constant) else None for part in node.values)
    return "".join("(.+)" if part is None else re.escape(str(part)) for part in parts)


@cache
def _patterns() -> tuple[tuple[str, re.Pattern[str]], ...]:
    """The code's f-strings that may be keys (no spaces, a dot, more than the dot of their own), each behind its beginning."""
    found = {_pattern(node) for node in _nodes() if isinstance(node, ast.JoinedStr)}
    keys = (text for text in found if re.search(r"\\\.", text) and re.fullmatch(r"[\w.()+\\]*[a-z]{3}[\w.()+\\]*", text))
    return tuple((text.split("(")[0].replace("\\", ""), re.compile(text)) for text in keys)


def _asked() -> Iterator[str]:
    """First arguments of ``t("…")``, ``tr("…")``, ``n("…")``, ``trn("…")``."""
    for node in _nodes():
        if isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if name in _ASKING and isinstance(node.args[0].value, str):
                yield node.args[0].value


def test_every_text_is_asked_for() -> None:
    texts = i18n.catalogue("ru")
    written = {node.value for node in _nodes() if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    others = [path for path in (ROOT / "assets").glob("*.js") if ".min." not in path.name]
    texts_of_others = [path.read_text("utf-8") for path in (*others, *(ROOT / "dashboard").rglob("*.html"))]
    written |= {word for text in texts_of_others for word in re.findall(r"[\w.]+", text)}
    words = {word for source in (*_sources(), *texts_of_others) for word in re.findall(r"\w+", source)}
    words |= {word.lower() for word in words if word.isupper()}  # names of enumerations

    def used(key: str) -> bool:
        if key in written or key.startswith(DYNAMIC):
            return True
        fits = (pattern.fullmatch(key) for start, pattern in _patterns() if key.startswith(start))
        return any(fit and all(set(part.split(".")) <= words for part in fit.groups()) for fit in fits)

    dead = [key for key in (*texts.single, *texts.plural) if not used(key)]
    assert not dead, f"nobody asks for: {dead}"


def test_everything_asked_for_stands_in_the_catalogue() -> None:
    texts = i18n.catalogue("ru")
    keys = {*texts.single, *texts.plural}
    asked = set(_asked())
    assert len(asked) > 500, "the search for calls finds nothing any more"
    assert not {key for key in asked if "." in key} - keys
