"""One request from its first header to the answer: key, allowance, right, checks, effect, format."""

from __future__ import annotations

import hashlib
import json
import logging
import re
import secrets
from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import unquote_to_bytes

from flask import Request, Response, current_app, g

from dashboard.api import negotiation, problems, shapes
from dashboard.api.components import definitions, present
from dashboard.api.limits import Allowance, RateLimiter
from dashboard.api.negotiation import JSON, PROBLEM_XML, XML
from dashboard.api.operations import Call, FileAnswer, Operation
from dashboard.api.xmlform import to_xml
from dashboard.services import idempotency, keys
from dashboard.services.actor import Actor
from dashboard.services.errors import DomainError, FieldProblem, Invalid, InvalidApiKey, NotFound, StaleVersion
from dashboard.services.permissions import require

log = logging.getLogger(__name__)

MAX_ID = 2**63 - 1
RETRY_AFTER_S = 5
_ID = re.compile(r"[1-9][0-9]{0,18}\Z", re.ASCII)
# A compressing proxy marks the tags it passes on: W/"5", "5:gzip".
#: A record's version and a digest of what is shown, with the marks of compressing proxies.
_TAG = re.compile(r'(?:W/)?"([0-9]{1,10})(?:\.([0-9a-f]{12}))?(?:[:-][a-z]+)?"\Z')
_IDEMPOTENCY_KEY = re.compile(r"[\x21-\x7e]{1,200}\Z")


class Exchange:
    """State of one request. :meth:`serve` always returns an answer."""

    def __init__(self, request: Request) -> None:
        self.request = request
        self.request_id = str(g.get("request_id") or f"r-{secrets.token_hex(6)}")
        self.locale = negotiation.language(request)
        self.allowance: Allowance | None = None

    def serve(self, operation: Operation, id: str | None) -> Response:
        """Answer ``operation``; expected errors as their problem documents, others as 500 with a logged id."""
        try:
            response = self._answer(operation, id)
        except DomainError as error:
            response = self.problem(error, operation)
        except Exception:
            log.exception("operation %s failed", operation.name, extra={"request_id": self.request_id})
            response = self.problem(DomainError(), operation)
        return self.finish(response)

    def _answer(self, operation: Operation, id: str | None) -> Response:
        actor = self._authenticate()
        for right in (operation.right, *operation.also):
            require(actor, right)
        media_type = JSON if operation.files else negotiation.answer_type(self.request)
        call = Call(
            actor=actor,
            locale=self.locale,
            id=_identifier(id) if id is not None else 0,
            query=self._parameters(operation),
            body=self._body(operation),
            if_match=self._versions(operation),
            url=self.request.path,
        )
        if operation.method == "POST" and "Idempotency-Key" in self.request.headers:
            return self._once(operation, call, media_type)
        return self._run(operation, call, media_type)

    def _run(self, operation: Operation, call: Call, media_type: str) -> Response:
        answer = operation.handler(call)
        if isinstance(answer, FileAnswer):
            return self._file(answer)
        response = _render(answer.value, operation.answers.get(answer.status), media_type)
        response.status_code = answer.status
        response.headers.update(answer.headers)
        if "ETag" in answer.headers:  # names of other records are shown as well, and they change without the version
            shown = hashlib.sha256(response.get_data()).hexdigest()[:12]
            response.headers["ETag"] = f'{answer.headers["ETag"][:-1]}.{shown}"'
        if operation.method == "GET" and self._has(response.headers.get("ETag")):
            response.status_code = 304
            response.set_data(b"")
            del response.headers["Content-Type"]
        return response

    def _authenticate(self) -> Actor:
        """The key's actor, with this request's number and language; its allowance is spent first."""
        secret = _secret(self.request)
        actor = keys.actor_of_key(secret, self.request.remote_addr or "")
        g.account_id, g.member_id = actor.account_id, actor.member_id
        self.locale = negotiation.language(self.request, actor.locale)
        limiter: RateLimiter = current_app.extensions["api_rate_limiter"]
        self.allowance = limiter.take(hashlib.sha256(secret.encode()).digest())
        if not self.allowance.allowed:
            raise problems.TooManyRequests(retry_after=self.allowance.retry_after_s)
        return replace(actor, request_id=self.request_id, locale=self.locale)

    def _parameters(self, operation: Operation) -> dict[str, Any]:
        known, found = operation.parameters, {}
        wrong: list[FieldProblem] = []
        if _not_text(self.request.query_string):
            raise Invalid([FieldProblem("query", "bad_characters")])
        for name, values in self.request.args.lists():
            pointer = f"query/{name[:100]}"
            if name not in known:
                wrong.append(FieldProblem(pointer, "unknown_field"))
            elif len(values) > 1:
                wrong.append(FieldProblem(pointer, "repeated"))
            else:
                found[name] = shapes.coerce(values[0], known[name], {})
                wrong += shapes.unstorable_texts(values[0], pointer) or shapes.mismatches(
                    found[name], known[name], {}, pointer
                )
        if wrong:
            raise Invalid(wrong)
        return found

    def _body(self, operation: Operation) -> Any:
        if operation.body is None:
            negotiation.refuse_body(self.request)
            return None
        schema = {"$ref": f"#/components/schemas/{operation.body}"}
        patch = operation.method == "PATCH"
        return negotiation.read_body(self.request, schema, definitions(), patch=patch)

    def _versions(self, operation: Operation) -> frozenset[int] | None:
        given = self.request.headers.get("If-Match")
        if given is None or given.strip() == "*" or not operation.takes_version:
            return None
        tags = [_TAG.match(tag.strip()) for tag in given.split(",")]
        if not all(tags):
            raise problems.BadHeader(header="If-Match")
        return frozenset(int(tag[1]) for tag in tags if tag)

    def _has(self, etag: str | None) -> bool:
        """Whether the caller holds this very answer (``If-None-Match``)."""
        given = self.request.headers.get("If-None-Match")
        if given is None or etag is None:
            return False
        held = (_TAG.match(tag.strip()) for tag in given.split(","))
        return given.strip() == "*" or any(match is not None and f'"{match[1]}.{match[2]}"' == etag for match in held)

    def _once(self, operation: Operation, call: Call, media_type: str) -> Response:
        """Run a POST once per ``Idempotency-Key``; repeat the first answer to who asks again."""
        key = self.request.headers["Idempotency-Key"]
        if not _IDEMPOTENCY_KEY.match(key):
            raise problems.BadHeader(header="Idempotency-Key")
        seal = json.dumps([operation.method, self.request.full_path, call.body, media_type], sort_keys=True)
        claim = idempotency.claim(call.actor, key, hashlib.sha256(seal.encode()).digest())
        if claim.state == "other":
            raise problems.KeyReused()
        if claim.state == "in_flight":
            raise problems.RequestInFlight()
        if claim.answer is not None:
            return _replayed(claim.answer)
        try:
            response = self._run(operation, call, media_type)
        except DomainError as error:
            # Refused, so without effect. A fault on our side leaves it open whether there was one.
            if error.status < 500:
                idempotency.release(call.actor, key)
            raise
        kept = {name: value for name, value in response.headers.items() if name in ("Content-Type", "Location", "ETag")}
        idempotency.finish(
            call.actor, key, idempotency.StoredAnswer(response.status_code, kept, response.get_data(as_text=True))
        )
        return response

    def _file(self, answer: FileAnswer) -> Response:
        kind = answer.media_type.partition(";")[0]
        if self.request.headers.get("Accept") and not self.request.accept_mimetypes.best_match([kind]):
            raise problems.NotAcceptable(offers=kind)
        response = Response(answer.data, content_type=answer.media_type)
        response.headers.set("Content-Disposition", "attachment", filename=answer.name)
        return response

    def problem(self, error: DomainError, operation: Operation | None = None) -> Response:
        """The problem document of ``error`` in the caller's language and format."""
        current = None
        if isinstance(error, StaleVersion) and operation is not None and operation.record:
            current = present(operation.record, error.current, self.locale)
        document = problems.document(error, self.locale, self.request_id, current)
        media_type = negotiation.problem_type(self.request)
        in_xml = media_type == PROBLEM_XML
        body = to_xml(document, _problem_schema(operation), definitions()) if in_xml else _json(document)
        response = Response(body, status=error.status, content_type=f"{media_type}; charset=utf-8")
        response.headers["Content-Language"] = self.locale
        if error.status == 401:
            response.headers["WWW-Authenticate"] = 'Bearer realm="CRM API"'
        if error.status in (503, 409) and error.code != "conflict":
            response.headers["Retry-After"] = str(RETRY_AFTER_S)
        if isinstance(error, problems.MethodNotAllowed):
            response.headers["Allow"] = ", ".join(error.params["allowed"])
        return response

    def finish(self, response: Response) -> Response:
        """Headers that every answer has."""
        response.headers["X-Request-ID"] = self.request_id
        response.headers.setdefault("Cache-Control", "private, no-cache")
        response.headers["Vary"] = "Accept, Accept-Language, Authorization, X-API-Key"
        if self.allowance is not None:
            response.headers.update(self.allowance.headers())
        return response


def _problem_schema(operation: Operation | None) -> Mapping[str, Any]:
    """The problem's schema; with the record's own shape where a stale version shows it."""
    name = f"{operation.record}Problem" if operation is not None and operation.record else "Problem"
    return {"$ref": f"#/components/schemas/{name}"}


def _secret(request: Request) -> str:
    scheme, _, credentials = request.headers.get("Authorization", "").partition(" ")
    bearer = credentials.strip() if scheme.lower() == "bearer" else ""
    header = request.headers.get("X-API-Key", "").strip()
    if (bearer and header and bearer != header) or not (bearer or header) or not (bearer + header).isascii():
        raise InvalidApiKey()
    return bearer or header


def _identifier(text: str) -> int:
    if not _ID.match(text) or int(text) > MAX_ID:
        raise NotFound()
    return int(text)


def _not_text(query_string: bytes) -> bool:
    try:
        unquote_to_bytes(query_string).decode("utf-8")
    except UnicodeDecodeError:
        return True
    return False


def _render(value: Any, schema: str | None, media_type: str) -> Response:
    if schema is None or value is None:
        response = Response(b"")
        del response.headers["Content-Type"]
        return response
    if media_type == XML:
        data = to_xml(value, {"$ref": f"#/components/schemas/{schema}"}, definitions())
        return Response(data, content_type=f"{XML}; charset=utf-8")
    return Response(_json(value), content_type=JSON)


def _replayed(stored: idempotency.StoredAnswer) -> Response:
    response = Response(stored.body, status=stored.status, headers=stored.headers)
    response.headers["Idempotent-Replayed"] = "true"
    return response


def _json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
