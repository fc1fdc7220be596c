"""Clients."""

from __future__ import annotations

from dashboard.api import presenters, schemas
from dashboard.api.answers import expected_version, listed, versioned
from dashboard.api.operations import PREFIX, Answer, Call, operation
from dashboard.api.parameters import list_parameters
from dashboard.services import analytics, clients, contact_points, custom_fields
from dashboard.services.permissions import Right

_READ, _WRITE, _TAG = Right.CLIENTS_READ, Right.CLIENTS_WRITE, "clients"


@operation(
    "GET", "/clients", right=_READ, tag=_TAG, answers={200: "ClientList"},
    parameters=list_parameters("clients", schemas.Client), refusals=(422,),
)  # fmt: skip
def list_clients(call: Call) -> Answer:
    return listed(call, analytics.list_clients, presenters.client)


@operation(
    "POST", "/clients", right=_WRITE, tag=_TAG, answers={201: "Client"}, body="ClientInput", refusals=(409,),
)  # fmt: skip
def create_client(call: Call) -> Answer:
    record = clients.create(call.actor, call.body)
    return versioned(presenters.client(record), 201, f"{PREFIX}/clients/{record.id}")


@operation("GET", "/clients/{id}", right=_READ, tag=_TAG, answers={200: "Client"}, record="Client")
def get_client(call: Call) -> Answer:
    return versioned(presenters.client(clients.get(call.actor, call.id)))


@operation(
    "PATCH", "/clients/{id}", right=_WRITE, tag=_TAG, answers={200: "Client"}, body="ClientPatch", record="Client",
    refusals=(409,), also=(_READ,),
)  # fmt: skip
def edit_client(call: Call) -> Answer:
    version = expected_version(call, clients.get)
    return versioned(presenters.client(clients.edit(call.actor, call.id, call.body, version)))


@operation(
    "DELETE", "/clients/{id}", right=_WRITE, tag=_TAG, answers={204: None}, record="Client", refusals=(409,),
    also=(_READ,),
)  # fmt: skip
def delete_client(call: Call) -> Answer:
    clients.delete(call.actor, call.id, expected_version(call, clients.get))
    return Answer(status=204)


@operation(
    "POST", "/clients/{id}/restore", right=_WRITE, tag=_TAG, answers={200: "Client"}, refusals=(409,), also=(_READ,),
)  # fmt: skip
def restore_client(call: Call) -> Answer:
    return versioned(presenters.client(clients.restore(call.actor, call.id)))


@operation("GET", "/clients/{id}/persons", right=_READ, tag=_TAG, answers={200: "PersonList"})
def list_persons(call: Call) -> Answer:
    return Answer(presenters.whole(map(presenters.person, clients.list_persons(call.actor, call.id))))


@operation(
    "POST", "/clients/{id}/persons", right=_WRITE, tag=_TAG, answers={201: "Person"}, body="PersonInput", refusals=(409,),
    also=(_READ,),
)  # fmt: skip
def create_person(call: Call) -> Answer:
    record = clients.add_person(call.actor, call.id, call.body)
    return versioned(presenters.person(record), 201, f"{PREFIX}/clients/{call.id}/persons")


@operation("GET", "/clients/{id}/contact-points", right=_READ, tag=_TAG, answers={200: "ContactPointList"})
def list_contact_points(call: Call) -> Answer:
    return Answer(presenters.whole(map(presenters.contact_point, contact_points.list_points(call.actor, call.id))))


@operation("GET", "/custom-fields", right=_READ, tag=_TAG, answers={200: "CustomFieldList"})
def list_custom_fields(call: Call) -> Answer:
    found = [item for entity in custom_fields.ENTITIES for item in custom_fields.list_fields(call.actor, entity)]
    return Answer(presenters.whole(map(presenters.custom_field, found)))
