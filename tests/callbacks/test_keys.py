"""The page of API keys."""

from __future__ import annotations

from typing import Any

from dashboard.services import keys
from tests.callbacks.visitor import Visitor, body_of, text_of


def create(person: Visitor, **values: Any) -> dict[str, Any]:
    output = next(key for key in person.app.callback_map if "keys-secret.value" in key and "keys-shown-about" in key)
    given = {"keys_create": 1, "keys_name": "Обмен", "keys_scopes": ["read"], "keys_expires": None, **values}
    answer = person.call(output, "keys-create.n_clicks", **given)
    assert answer.status_code == 200
    return answer.json["response"]


def listed(person: Visitor) -> str:
    return text_of(person.call("keys-list.children"))


def test_a_key_is_shown_once_and_works(person: Visitor) -> None:
    secret = create(person)["keys-secret"]["value"]
    assert secret.startswith("crm_live_")
    assert keys.actor_of_key(secret, "127.0.0.1").name == "Анна Климова"
    shown = listed(person)
    assert "Обмен" in shown and secret[:17] in shown and secret not in shown
    assert secret not in person.server.config["CRM_SETTINGS"].log_file.read_text("utf-8")


def test_wrong_input_stays_in_the_dialog(person: Visitor) -> None:
    for values in (
        {"keys_name": ""},
        {"keys_name": {"a": 1}},
        {"keys_scopes": []},
        {"keys_scopes": ["root"]},
        {"keys_expires": "2020-01-01"},
        {"keys_expires": "soon"},
    ):
        response = create(person, **values)
        assert response["keys-problem"]["children"], values
        assert "keys-secret" not in response


def test_a_revoked_key_works_no_more(person: Visitor) -> None:
    create(person)
    actor_key = _only_key(person)
    output = next(
        key for key in person.app.callback_map if key.startswith("..keys-revoke-dialog.is_open@") and "keys-list" in key
    )
    answer = person.call(output, "keys-revoke-yes.n_clicks", keys_revoke_yes=1, keys_revoke_which=actor_key)
    assert answer.status_code == 200 and "отозван" in listed(person)


def test_a_foreign_key_cannot_be_revoked(person: Visitor, server: Any) -> None:
    other = Visitor(server)
    other.register()
    create(other)
    output = next(
        key for key in person.app.callback_map if key.startswith("..keys-revoke-dialog.is_open@") and "keys-list" in key
    )
    answer = person.call(output, "keys-revoke-yes.n_clicks", keys_revoke_yes=1, keys_revoke_which=_only_key(other))
    assert answer.json["sideUpdate"]["frame-toast"]["data"]["toasts"][0]["kind"] == "error"
    assert "отозван" not in listed(other)


def test_asking_before_revoking(person: Visitor) -> None:
    output = "..keys-revoke-dialog.is_open...keys-revoke-which.data.."
    body = body_of(person.app, output, '{"id":7,"type":"keys-revoke"}.n_clicks')
    body["inputs"][0] = [{"id": {"type": "keys-revoke", "id": 7}, "property": "n_clicks", "value": 1}]
    answer = person.post(body)
    assert answer.json["response"]["keys-revoke-which"]["data"] == 7


def _only_key(person: Visitor) -> int:
    import re

    return int(re.search(r'"id":\{"type":"keys-revoke","id":(\d+)\}', listed(person)).group(1))  # type: ignore[union-attr]
