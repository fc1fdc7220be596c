"""Forms that save themselves: what marks a form for ``assets/drafts.js``.

    draft_area("deal", deal.id, deal.version, [fields…])

Everything inside that has a Dash ``value`` is kept while one types, in the browser and on the
server, and offered when the form is opened again.  The form's own «Сохранить» ends with
``callbacks.drafts.saved("deal", deal.id)``.
"""

from __future__ import annotations

from typing import Any

from dash import html

from dashboard.web import texts


def draft_area(
    form: str, row_id: int, version: int | None, children: Any, *, restore: str | None = None, **attributes: Any
) -> html.Div:
    """A form that saves itself.

    ``form``: its name (:data:`dashboard.services.drafts.RECORDS` for those of stored records);
    ``row_id``: 0 for a new record, of the owner for what belongs to one (a person's client);
    ``version``: the one that is edited, none where there is none.  ``restore``: id of a Store that
    gets a draft instead of the fields, for forms whose rows come and go.
    """
    actor = texts.find_actor()
    marks = {
        "data-draft": form,
        "data-draft-row": str(row_id),
        "data-draft-version": "" if version is None else str(version),
        "data-draft-owner": f"{actor.account_id}-{actor.member_id}" if actor else "",
    }
    if restore:
        marks["data-draft-restore"] = restore
    return html.Div(
        [
            html.Div(className="draft-offer", role="status"),
            *(children if isinstance(children, list | tuple) else [children]),
            html.Div(className="draft-state t3 sm"),
        ],
        **marks,
        **attributes,
    )
