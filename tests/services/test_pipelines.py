"""Pipelines and stages in the settings: what may be changed, and that no deal is ever lost by it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

import pytest

from dashboard.services import catalogue, deals, history, lost_reasons, pipelines
from dashboard.services.actor import Role
from dashboard.services.errors import Conflict, DomainError, Forbidden, Invalid, NotFound, StaleVersion
from dashboard.services.pipelines import PipelineSetup, StageSetup
from tests.conftest import Account


def _setup(account: Account, index: int = 0) -> PipelineSetup:
    return pipelines.setup(account.actor)[index]


def _names(account: Account, index: int = 0) -> list[str]:
    return [stage.name for stage in _setup(account, index).stages]


def _stage(account: Account, name: str) -> StageSetup:
    return next(stage for item in pipelines.setup(account.actor) for stage in item.stages if stage.name == name)


def test_a_new_pipeline_begins_with_the_default_ones_stages(account: Account) -> None:
    made = pipelines.create(account.actor, " Сервис ")
    both = pipelines.setup(account.actor)
    assert [(item.name, item.is_default) for item in both] == [(account.pipeline.name, True), ("Сервис", False)]
    assert [(stage.name, stage.kind) for stage in both[1].stages] == [(stage.name, stage.kind) for stage in both[0].stages]
    deal = deals.create(account.actor, {"title": "С", "pipeline_id": made})
    assert deal.stage_id == both[1].stages[0].id
    assert _setup(account, 1).stages[0].deals == 1


def test_names_are_unique_where_they_would_be_confused(account: Account) -> None:
    with pytest.raises(Conflict) as caught:
        pipelines.create(account.actor, account.pipeline.name)
    assert caught.value.params["reason"] == "pipeline_taken"
    with pytest.raises(Conflict) as caught:
        pipelines.add_stage(account.actor, account.pipeline.id, {"name": "Новая"})
    assert caught.value.params["reason"] == "stage_taken"
    second = pipelines.create(account.actor, "Сервис")
    pipelines.add_stage(account.actor, second, {"name": "Диагностика"})  # the other pipeline does not have it
    stage = _stage(account, "Диагностика")
    pipelines.delete_stage(account.actor, stage.id)
    pipelines.add_stage(account.actor, second, {"name": "Диагностика"})  # free again


def test_an_open_stage_is_added_behind_the_open_ones(account: Account) -> None:
    pipelines.add_stage(account.actor, account.pipeline.id, {"name": "Проверка", "rot_days": "7"})
    pipelines.add_stage(account.actor, account.pipeline.id, {"name": "Отложена", "kind": "lost"})
    assert _names(account)[-4:] == ["Проверка", "Выиграна", "Проиграна", "Отложена"]
    assert _stage(account, "Проверка").rot_days == 7


def test_stages_are_put_in_order(account: Account) -> None:
    ids = [stage.id for stage in _setup(account).stages]
    pipelines.reorder_stages(account.actor, account.pipeline.id, [ids[1], ids[0], ids[1], 10**12])
    assert [stage.id for stage in _setup(account).stages] == [ids[1], ids[0], *ids[2:]]
    assert [stage.id for stage in catalogue.pipelines(account.actor)[0].stages] == [ids[1], ids[0], *ids[2:]]
    foreign = account.other().pipeline
    with pytest.raises(NotFound):
        pipelines.reorder_stages(account.actor, foreign.id, [])
    pipelines.reorder_stages(account.actor, account.pipeline.id, [foreign.stages[0].id])
    assert [stage.id for stage in _setup(account).stages] == [ids[1], ids[0], *ids[2:]]


def test_a_stage_in_use_goes_only_when_its_deals_have_somewhere_to_go(account: Account) -> None:
    origin, target = _setup(account).stages[:2]
    live = deals.create(account.actor, {"title": "Живая"})
    binned = deals.create(account.actor, {"title": "В корзине"})
    deals.delete(account.actor, binned.id)
    with pytest.raises(Conflict) as caught:
        pipelines.delete_stage(account.actor, origin.id)
    assert (caught.value.params["reason"], caught.value.params["count"]) == ("stage_in_use", 2)
    for wrong in (origin.id, 10**12, account.other().pipeline.stages[0].id):
        with pytest.raises(Invalid):
            pipelines.delete_stage(account.actor, origin.id, wrong)
    gone = pipelines.delete_stage(account.actor, origin.id, target.id)
    assert gone.deals == 2
    assert "Новая" not in _names(account)
    assert deals.get(account.actor, live.id).stage_id == target.id
    assert deals.restore(account.actor, binned.id).stage_id == target.id
    events = deals.stage_events(account.actor, live.id)
    assert [(event.from_stage_id, event.to_stage_id) for event in events] == [(None, origin.id), (origin.id, target.id)]
    assert events[-1].member_name == account.actor.name


def test_removing_a_stage_can_be_taken_back(account: Account) -> None:
    origin, target = _setup(account).stages[:2]
    made = [deals.create(account.actor, {"title": f"С{number}"}) for number in range(3)]
    gone = pipelines.delete_stage(account.actor, origin.id, target.id)
    assert gone.changeset_id is not None
    history.revert_changeset(account.actor, gone.changeset_id)
    assert _names(account)[0] == "Новая"
    for deal in made:
        back = deals.get(account.actor, deal.id)
        assert (back.stage_id, back.stage_since) == (origin.id, deal.stage_since)
        assert len(deals.stage_events(account.actor, deal.id)) == 1


def test_deals_close_and_open_with_the_stage_they_are_given_to(account: Account) -> None:
    stages = _setup(account).stages
    won, lost = (next(stage for stage in stages if stage.kind == kind) for kind in ("won", "lost"))
    deal = deals.create(account.actor, {"title": "С"})
    pipelines.delete_stage(account.actor, stages[0].id, won.id)
    closed = deals.get(account.actor, deal.id)
    assert (closed.status, closed.closed_at is not None) == ("won", True)
    pipelines.add_stage(account.actor, account.pipeline.id, {"name": "Проиграна позже", "kind": "lost"})
    later = deals.create(account.actor, {"title": "П", "stage_id": lost.id, "lost_reason": "Дорого", "lost_comment": "Слова"})
    pipelines.delete_stage(account.actor, lost.id, stages[1].id)
    opened = deals.get(account.actor, later.id)
    assert (opened.status, opened.closed_at, opened.lost_reason, opened.lost_comment) == ("open", None, None, None)


def test_with_the_kind_of_a_stage_its_deals_open_or_close(account: Account) -> None:
    stage = _setup(account).stages[1]
    deal = deals.create(account.actor, {"title": "С", "stage_id": stage.id})
    pipelines.edit_stage(account.actor, stage.id, {"kind": "won"}, stage.version)
    assert deals.get(account.actor, deal.id).status == "won"
    pipelines.edit_stage(account.actor, stage.id, {"kind": "open"})
    again = deals.get(account.actor, deal.id)
    assert (again.status, again.closed_at, again.stage_id) == ("open", None, stage.id)


def test_a_pipeline_keeps_a_stage_of_each_kind(account: Account) -> None:
    won = next(stage for stage in _setup(account).stages if stage.kind == "won")
    for attempt in (
        lambda: pipelines.delete_stage(account.actor, won.id),
        lambda: pipelines.edit_stage(account.actor, won.id, {"kind": "lost"}),
    ):
        with pytest.raises(Conflict) as caught:
            attempt()
        assert caught.value.params["reason"] == "last_of_kind"


def test_a_pipeline_goes_with_its_deals_given_on(account: Account) -> None:
    second = pipelines.create(account.actor, "Сервис")
    deal = deals.create(account.actor, {"title": "С", "pipeline_id": second})
    target = _setup(account).stages[2]
    with pytest.raises(Conflict) as caught:
        pipelines.delete(account.actor, account.pipeline.id, target.id)
    assert caught.value.params["reason"] == "default_pipeline"
    won = deals.create(account.actor, {"title": "В", "pipeline_id": second, "status": "won"})
    gone = pipelines.delete(account.actor, second, target.id)
    assert gone.deals == 2
    moved, closed = deals.get(account.actor, deal.id), deals.get(account.actor, won.id)
    assert (moved.pipeline_id, moved.stage_id) == (account.pipeline.id, target.id)
    assert (closed.pipeline_id, closed.status, closed.closed_at) == (account.pipeline.id, "won", won.closed_at)
    assert gone.changeset_id is not None
    history.revert_changeset(account.actor, gone.changeset_id)
    assert (deals.get(account.actor, won.id).pipeline_id, len(pipelines.setup(account.actor))) == (second, 2)
    pipelines.delete(account.actor, second, target.id)
    with pytest.raises(Conflict) as caught:
        pipelines.delete(account.actor, account.pipeline.id)
    assert caught.value.params["reason"] == "last_pipeline"


def test_the_default_pipeline_is_always_one(account: Account) -> None:
    first, second = account.pipeline.id, pipelines.create(account.actor, "Сервис")
    pipelines.edit(account.actor, second, {"is_default": True})
    assert [(item.id, item.is_default) for item in pipelines.setup(account.actor)] == [(second, True), (first, False)]
    pipelines.edit(account.actor, second, {"is_default": False})
    assert pipelines.setup(account.actor)[0].is_default
    assert deals.create(account.actor, {"title": "С"}).pipeline_id == second


@pytest.mark.parametrize("days", ["0", "-1", "1.5", "abc", "1e400", "NaN", 3651, True, "9" * 41])
def test_days_that_are_none(account: Account, days: Any) -> None:
    stage = _setup(account).stages[0]
    with pytest.raises(Invalid) as caught:
        pipelines.edit_stage(account.actor, stage.id, {"rot_days": days})
    assert caught.value.problems[0].pointer == "rot_days"


@pytest.mark.parametrize("name", ["", "   ", "Я" * 201, None])
def test_names_that_are_none(account: Account, name: Any) -> None:
    for attempt in (
        lambda: pipelines.create(account.actor, name),
        lambda: pipelines.add_stage(account.actor, account.pipeline.id, {"name": name}),
        lambda: lost_reasons.add(account.actor, name),
    ):
        with pytest.raises(Invalid):
            attempt()


def test_only_managers_and_administrators_and_only_their_own(account: Account) -> None:
    stage = account.pipeline.stages[0]
    stranger = account.other().actor
    for attempt in (
        lambda: pipelines.edit(stranger, account.pipeline.id, {"name": "Х"}),
        lambda: pipelines.add_stage(stranger, account.pipeline.id, {"name": "Х"}),
        lambda: pipelines.edit_stage(stranger, stage.id, {"name": "Х"}),
        lambda: pipelines.delete_stage(stranger, stage.id),
    ):
        with pytest.raises(NotFound):
            attempt()
    for role in (Role.READER, Role.REP):
        with pytest.raises(Forbidden):
            pipelines.edit_stage(account.actor_as(role), stage.id, {"name": "Х"})
    pipelines.edit_stage(account.actor_as(Role.MANAGER), stage.id, {"name": "Знакомство", "rot_days": ""})
    assert _stage(account, "Знакомство").rot_days is None


def test_a_stale_stage_is_a_conflict(account: Account) -> None:
    stage = _setup(account).stages[0]
    pipelines.edit_stage(account.actor, stage.id, {"name": "Первая"}, stage.version)
    with pytest.raises(StaleVersion):
        pipelines.edit_stage(account.actor, stage.id, {"name": "Вторая"}, stage.version)


def test_a_deal_that_comes_while_its_stage_goes_stands_somewhere(account: Account) -> None:
    origin, target, other = _setup(account).stages[:3]
    made = [deals.create(account.actor, {"title": f"С{number}", "stage_id": other.id}) for number in range(6)]

    def come(deal_id: int) -> None:
        with suppress(DomainError):  # too late: told, and the deal stays where it was
            deals.move(account.actor, deal_id, origin.id)

    with ThreadPoolExecutor(4) as pool:
        moves = [pool.submit(come, deal.id) for deal in made[:3]]
        removal = pool.submit(pipelines.delete_stage, account.actor, origin.id, target.id)
        moves += [pool.submit(come, deal.id) for deal in made[3:]]
        for move in moves:
            move.result()
        try:
            removal.result()
        except Conflict:
            pipelines.delete_stage(account.actor, origin.id, target.id)
    live = {stage.id for stage in _setup(account).stages}
    assert {deals.get(account.actor, deal.id).stage_id for deal in made} <= live


def test_reasons_of_losses_are_the_accounts_own_list(account: Account) -> None:
    usual = lost_reasons.list_all(account.actor)
    assert len(usual) == 5  # a new account starts with usual ones
    made = lost_reasons.add(account.actor, "Сменили поставщика")
    lost_reasons.reorder(account.actor, [made.id])
    assert lost_reasons.list_all(account.actor)[0].name == "Сменили поставщика"
    lost_reasons.rename(account.actor, made.id, "Ушли к другому", made.version + 1)
    with pytest.raises(Conflict) as caught:
        lost_reasons.add(account.actor, "Ушли к другому")
    assert caught.value.params["reason"] == "lost_reason_taken"
    lost_reasons.delete(account.actor, made.id)
    assert [item.id for item in lost_reasons.list_all(account.actor)] == [item.id for item in usual]
    with pytest.raises(NotFound):
        lost_reasons.delete(account.other().actor, usual[0].id)
    with pytest.raises(Forbidden):
        lost_reasons.add(account.actor_as(Role.REP), "Х")
