"""Addresses of our own files, with their version in them, and compressed answers."""

from __future__ import annotations

from flask import Flask, Request
from flask_compress import Compress

from dashboard.config import ROOT

FOLDER = ROOT / "assets"
#: Scripts that are not for the foot of the page: named in the head instead.
LEFT_OUT = r"\.head\.js$"
_PROGRAM_FILES = ("/_dash-component-suites/", "/assets/")


def url(name: str) -> str:
    """``/assets/<name>`` with the time of its last change, written as Dash writes it: may be kept for ever."""
    path = FOLDER / name
    return f"/assets/{name}?m={path.stat().st_mtime}" if path.is_file() else f"/assets/{name}"


def stylesheets() -> list[str]:
    """Addresses of our style sheets in the order of their names, as Dash includes them too."""
    return [url(path.name) for path in sorted(FOLDER.glob("*.css"))]


class _Kept:
    """Compressed program files, kept as long as the process lives. Data is never kept."""

    def __init__(self) -> None:
        self._kept: dict[str, bytes] = {}

    def get(self, key: str) -> bytes | None:
        return self._kept.get(key)

    def set(self, key: str, value: bytes) -> None:
        # Unknown addresses are not kept (the answer was no 200), so the set of keys is bounded by our files
        # times their versions; a caller who invents versions is stopped at a plain limit.
        if any(folder in key for folder in _PROGRAM_FILES) and len(self._kept) < 500:
            self._kept[key] = value


def _key(incoming: Request) -> str:
    if incoming.method == "GET" and incoming.path.startswith(_PROGRAM_FILES):
        return incoming.full_path
    return ""  # never kept, never found


def init_app(server: Flask) -> None:
    """Compress what is worth it: program files once per process, data on its way."""
    server.config.update(
        COMPRESS_ALGORITHM=["br", "zstd", "gzip"],
        COMPRESS_BR_LEVEL=5,
        COMPRESS_LEVEL=6,
        COMPRESS_MIN_SIZE=800,
        COMPRESS_CACHE_KEY=_key,
        COMPRESS_CACHE_BACKEND=_Kept,
    )
    Compress(server)
