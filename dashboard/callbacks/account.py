"""The account's settings: shown, and changed by administrators."""

from __future__ import annotations

from typing import Any

from dash import Dash, Input, Output, no_update

from dashboard import i18n
from dashboard.analytics import periods
from dashboard.analytics.periods import Calendar
from dashboard.callbacks import bar, door, drafts
from dashboard.callbacks.door import action
from dashboard.callbacks.forms import clicked, entered, field_states, no_problems, problem_outputs, show_problems
from dashboard.components.fields import control_id
from dashboard.pages import account as page
from dashboard.pages.account import AccountIds as IDS
from dashboard.services import account_settings
from dashboard.services.actor import Actor
from dashboard.services.errors import Invalid
from dashboard.services.permissions import Right, can


def register(app: Dash) -> None:
    """Register the page's callbacks."""

    @action(app, Output(IDS.BODY, "children"), Input(IDS.READY, "data"), right=Right.DEALS_READ, prevent_initial_call=False)
    def show(actor: Actor, _: Any) -> Any:
        return page.form(account_settings.get(actor), can(actor, Right.ACCOUNT_ADMIN), actor.locale)

    @action(
        app, Output(IDS.CONSEQUENCES, "children"), Input(control_id(page.FORM, "currency"), "value"), right=Right.ACCOUNT_ADMIN
    )
    def warn(actor: Actor, currency: Any) -> Any:
        if not isinstance(currency, str) or currency == actor.currency:
            return None
        return page.warning(actor.currency, currency, account_settings.consequences(actor, currency))

    @action(
        app,
        Output(IDS.NOW, "children"),
        [Input(control_id(page.FORM, "first_weekday"), "value"), Input(control_id(page.FORM, "fiscal_month"), "value")],
        right=Right.DEALS_READ,
        prevent_initial_call=False,
    )
    def example(actor: Actor, weekday: Any, month: Any) -> str:
        return example_text(actor, Calendar(_within(weekday, 7), _within(month, 12)))

    @action(
        app,
        [*problem_outputs(page.FORM), Output(IDS.CONSEQUENCES, "children", allow_duplicate=True)],
        Input(IDS.SAVE, "n_clicks"),
        field_states(page.FORM),
        right=Right.ACCOUNT_ADMIN,
    )
    def save(actor: Actor, _: Any, values: list[Any], ids: list[dict[str, str]]) -> list[Any]:
        clicked()
        try:
            account_settings.edit(actor, entered(values, ids, page.FIELDS))
        except Invalid as error:
            return [*show_problems(actor, error, ids), no_update]
        drafts.saved(actor, page.FORM)
        door.toast("info", i18n.t("account.saved", actor.locale))
        return [*no_problems(ids), None]


def _within(value: Any, most: int) -> int:
    return int(value) if str(value).isdecimal() and 1 <= int(value) <= most else 1


def example_text(actor: Actor, calendar: Calendar) -> str:
    """What the choice means today: this week, this fiscal year."""
    today = bar.today(actor)
    week = periods.start_of("week", today, calendar)
    year = periods.start_of("fiscal_year", today, calendar)
    ends = periods.after("fiscal_year", year)
    said = {"week": i18n.day(week, actor.locale), "year": i18n.day(year, actor.locale)}
    return i18n.t("account.example", actor.locale, **said, next=i18n.day(ends, actor.locale))
