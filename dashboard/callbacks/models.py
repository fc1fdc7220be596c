"""What the model page does: shows the models, trains, goes back, follows the work while it runs."""

from __future__ import annotations

from typing import Any

from dash import ALL, ClientsideFunction, Dash, Input, Output, State, ctx, no_update
from dash.exceptions import PreventUpdate

from dashboard import i18n
from dashboard.ai.diagnosis import Sample
from dashboard.callbacks.door import Kind, action, toast
from dashboard.callbacks.forms import clicked
from dashboard.callbacks.jobtexts import error_text
from dashboard.components import models as parts
from dashboard.figures import pulls
from dashboard.figures.calibration import calibration
from dashboard.pages.ids import FrameIds
from dashboard.pages.models import ModelIds as IDS
from dashboard.services import ai, ai_quality, jobs
from dashboard.services.actor import Actor
from dashboard.services.ai_quality import ModelPage
from dashboard.services.ai_words import Titles, titles
from dashboard.services.permissions import Right, can

_SHOWN = [
    Output(IDS.ANSWERS, "children"), Output(IDS.CURVE_DATA, "data"), Output(IDS.box(IDS.CURVE), "hidden"),
    Output(IDS.CURVE_TEXT, "children"),
    Output(IDS.SINCE, "children"), Output(IDS.REST, "children"), Output(IDS.PULLS, "hidden"),
    Output(IDS.SWARM_DATA, "data"), Output(IDS.FEATURE, "options"), Output(IDS.FEATURE, "value"),
]
_FOLLOW = [Output(IDS.POLL, "disabled"), Output(IDS.STATE, "children"), Output(IDS.SHOWN, "data")]
_FOLLOW_AGAIN = [Output(item.component_id, item.component_property, allow_duplicate=True) for item in _FOLLOW]


def register(app: Dash) -> None:
    """Register the page's callbacks."""

    @action(
        app,
        [*_SHOWN, *_FOLLOW],
        Input(IDS.DONE, "data"),
        right=Right.AI_READ,
        prevent_initial_call=False,
    )
    def show(actor: Actor, _: Any) -> list[Any]:
        page = ai_quality.model_page(actor)
        return [*shown(actor, page), *_state(actor, page.running)]

    _register_work(app)
    _register_figures(app)


def _register_work(app: Dash) -> None:
    @action(app, _FOLLOW_AGAIN, Input(IDS.TRAIN, "n_clicks"), right=Right.AI_TRAIN)
    def train(actor: Actor, _: Any) -> list[Any]:
        clicked()
        asked = ai.train(actor)
        return _state(actor, ai_quality.running(actor) or asked)

    @action(
        app,
        Output(IDS.DONE, "data"),
        Input({"type": IDS.BACK, "id": ALL}, "n_clicks"),
        right=Right.AI_TRAIN,
    )
    def go_back(actor: Actor, _: Any) -> Any:
        clicked()
        model_id = int(ctx.triggered_id["id"])
        toast(Kind.INFO, i18n.t(held(actor, model_id), actor.locale))
        return {"model": model_id}

    @action(
        app,
        [*_FOLLOW_AGAIN, Output(IDS.DONE, "data", allow_duplicate=True)],
        Input(IDS.POLL, "n_intervals"),
        State(IDS.SHOWN, "data"),
        right=Right.AI_READ,
    )
    def follow(actor: Actor, _: Any, job_id: Any) -> list[Any]:
        if not isinstance(job_id, int):
            raise PreventUpdate
        job = jobs.get(actor, job_id)
        if job.status in ("queued", "running"):
            return [*_state(actor, job), no_update]
        if job.status == "failed":
            toast(Kind.ERROR, i18n.t("models.failed", actor.locale), error_text(job.error, actor.locale))
        return [*_state(actor, None), {"job": job_id}]


def _register_figures(app: Dash) -> None:
    @action(app, Output(IDS.PULL_DATA, "data"), Input(IDS.FEATURE, "value"), right=Right.AI_READ)
    def choose(actor: Actor, name: Any) -> Any:
        sample = ai_quality.model_page(actor).sample
        if sample is None or name not in sample.names:
            raise PreventUpdate
        return _pull(actor, sample, str(name))

    for graph, data in ((IDS.CURVE, IDS.CURVE_DATA), (IDS.SWARM, IDS.SWARM_DATA), (IDS.PULL, IDS.PULL_DATA)):
        app.clientside_callback(
            ClientsideFunction("crm", "themed"),
            Output(graph, "figure"),
            [Input(data, "data"), Input(FrameIds.CHART_THEME, "data")],
        )


def shown(actor: Actor, page: ModelPage) -> list[Any]:
    """Texts, tables and figures, in the order of the outputs."""
    locale, may_train, names = actor.locale, can(actor, Right.AI_TRAIN), titles(actor)
    words = _stage_words(actor)
    found = page.active.manifest if page.active else None
    return [
        parts.answers(page, names, locale, actor.timezone, may_train, lambda job: error_text(job.error, locale)),
        calibration(found.bins if found else (), locale).to_plotly_json(),
        not (found and found.bins),
        parts.curve_text(found, locale),
        parts.since(page, names, locale),
        parts.rest(page, names, words, locale, actor.timezone, may_train),
        *_pulls(page.sample, names, words, locale),
    ]


def _pulls(sample: Sample | None, names: Titles, words: dict[str, str], locale: str) -> list[Any]:
    """Whether there is nothing to show, the swarm, the features to choose from and the strongest of them."""
    strongest = pulls.strongest(sample) if sample else []
    if sample is None or not strongest:
        return [True, no_update, [], None]
    options = [{"label": names.get(name, name), "value": name} for name in strongest]
    options += [{"label": names.get(name, name), "value": name} for name in sample.names if name not in strongest]
    return [False, pulls.swarm(sample, names, locale, words=words).to_plotly_json(), options, strongest[0]]


def _stage_words(actor: Actor) -> dict[str, str]:
    return {str(key): name for key, name in ai_quality.stage_names(actor).items()}


def _pull(actor: Actor, sample: Sample, name: str) -> Any:
    words = _stage_words(actor) if name == "stage" else None
    return pulls.dependence(sample, name, titles(actor)[name], actor.locale, words=words).to_plotly_json()


def held(actor: Actor, model_id: int) -> str:
    """Hold an earlier model, or let the held one go (0: of deals, -1: of clients); the key of the words for it."""
    if model_id <= 0:
        ai_quality.release(actor, "clients" if model_id else "win")
        return "models.released"
    return "models.went_back" if ai_quality.go_back(actor, model_id) == "win" else "clientai.went_back"


def _state(actor: Actor, job: Any) -> list[Any]:
    """Whether to look again soon, how far the work is, and which job it is."""
    if job is None:
        return [True, "", None]
    told = job.message.get("key")
    text = i18n.t(told, actor.locale, **job.message.get("params", {})) if told else i18n.t("models.waiting", actor.locale)
    return [False, f"{text} · {i18n.percent(job.progress, actor.locale, 0)}", job.id]
