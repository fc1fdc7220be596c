"""Products and pipelines."""

from __future__ import annotations

from decimal import Decimal

import pytest

from dashboard.services import catalogue
from dashboard.services.errors import Conflict, Forbidden, Invalid, NotFound, StaleVersion
from tests.conftest import Account


def test_a_product_is_added_edited_and_archived(account: Account) -> None:
    made = catalogue.create(account.actor, {"name": "Короб", "sku": "K-1", "price": "12,50", "cost": 8, "unit": "шт."})
    assert (made.price, made.cost, made.unit, made.kind) == (Decimal("12.50"), Decimal(8), "шт.", "good")
    edited = catalogue.edit(account.actor, made.id, {"price": None, "unit": None}, made.version)
    assert (edited.price, edited.unit, edited.version) == (None, "", 2)
    with pytest.raises(StaleVersion):
        catalogue.edit(account.actor, made.id, {"price": 1}, 1)
    archived = catalogue.archive(account.actor, made.id)
    assert archived.archived_at is not None
    assert catalogue.archive(account.actor, made.id).version == archived.version
    assert catalogue.archive(account.actor, made.id, archived=False).archived_at is None


def test_skus_are_unique_within_the_account(account: Account) -> None:
    catalogue.create(account.actor, {"name": "А", "sku": "K-1"})
    other = catalogue.create(account.actor, {"name": "Б"})
    for attempt in (
        lambda: catalogue.create(account.actor, {"name": "В", "sku": "K-1"}),
        lambda: catalogue.edit(account.actor, other.id, {"sku": "K-1"}),
    ):
        with pytest.raises(Conflict) as caught:
            attempt()
        assert caught.value.params["reason"] == "sku_taken"
    assert catalogue.create(account.other().actor, {"name": "В", "sku": "K-1"}).sku == "K-1"


def test_input(account: Account) -> None:
    with pytest.raises(Invalid) as caught:
        catalogue.create(account.actor, {"name": "А", "price": -1, "kind": "thing", "colour": "red"})
    assert {(problem.pointer, problem.code) for problem in caught.value.problems} == {
        ("price", "out_of_range"), ("kind", "not_allowed"), ("colour", "unknown_field"),
    }


def test_rights_and_other_accounts(account: Account) -> None:
    made = catalogue.create(account.actor, {"name": "А"})
    rep = account.actor_as("rep")
    assert catalogue.get(rep, made.id).name == "А"
    with pytest.raises(Forbidden):
        catalogue.edit(rep, made.id, {"name": "Б"})
    with pytest.raises(Forbidden):
        catalogue.create(rep, {"name": "Б"})
    stranger = account.other().actor
    for attempt in (
        lambda: catalogue.get(stranger, made.id),
        lambda: catalogue.edit(stranger, made.id, {"name": "Б"}),
        lambda: catalogue.archive(stranger, made.id),
    ):
        with pytest.raises(NotFound):
            attempt()
    assert catalogue.by_ids(stranger, [made.id]) == []


def test_pipelines_take_one_statement(account: Account, statements: list[str]) -> None:
    (pipeline,) = catalogue.pipelines(account.actor)
    assert len(statements) == 1
    assert [stage.position for stage in pipeline.stages] == list(range(7))
