"""Files in and out: uploads as plain multipart requests (a large file through a callback would be slow), downloads."""

from __future__ import annotations

from urllib.parse import quote

from flask import Blueprint, Response, jsonify, request, send_file

from dashboard.services import files, imports, reports
from dashboard.services.errors import BadFile
from dashboard.services.records import StoredFile
from dashboard.web import texts

blueprint = Blueprint("uploads", __name__)

#: A report may be looked at in the browser; whatever a person uploaded is only ever downloaded.
_SHOWN = frozenset({"application/pdf"})


@blueprint.post("/files/upload")
def upload() -> tuple[Response, int]:
    """Keep one file (field ``file``); answers its id. Refusals are JSON with a ``text`` for the person."""
    given = request.files.get("file")
    if given is None or not given.filename:
        raise BadFile(reason="empty")
    stored = imports.upload(texts.current_actor(), given.filename, given.stream)
    return jsonify(id=stored.id, name=stored.name, size=stored.size), 201


@blueprint.get("/files/<int:file_id>")
def download(file_id: int) -> Response:
    """A file of the import: the upload itself or its refused rows."""
    actor = texts.current_actor()
    # Models are files, too, learned from everybody's records: nobody is handed one by its number.
    with files.local_path(actor, file_id, purpose="import") as (stored, path):
        return _send(stored, str(path), attachment=True)


@blueprint.get("/files/report/<int:report_id>")
def download_report(report_id: int) -> Response:
    """A finished report."""
    with reports.opened(texts.current_actor(), report_id) as (stored, path):
        return _send(stored, str(path), attachment="show" not in request.args)


def _send(stored: StoredFile, path: str, *, attachment: bool) -> Response:
    answer = send_file(path, mimetype=stored.media_type, etag=stored.sha256, max_age=0)
    kind = "attachment" if attachment or stored.media_type not in _SHOWN else "inline"
    answer.headers["Content-Disposition"] = f"{kind}; filename*=UTF-8''{quote(stored.name)}"
    answer.headers["X-Content-SHA256"] = stored.sha256
    answer.headers["Cache-Control"] = "private, no-store"
    return answer
