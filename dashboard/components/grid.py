"""The data grid: AG Grid with rows from the server, typed editors, our language and colours."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import dash_ag_grid as dag
from dash import html

from dashboard.i18n import t
from dashboard.web.texts import current_locale, own_currency

#: Rows of one request; the grid keeps what was scrolled past within reason.
BLOCK = 100
_KEPT_BLOCKS = 20
#: Columns shrink to this on small screens, then the grid scrolls sideways.
_NARROWEST = 128
#: A day is read whole or not at all: 22.11.2026 needs less room than 22 Nov 2026.
_DAY_NARROWEST = {"ru": 100}
_DAY_NARROWEST_ELSE = 120
#: Keys of AG Grid's own texts that can come up with what we use; catalogue: ``grid.locale.<key>``.
_TEXTS = (
    "noRowsToShow",
    "loadingOoo",
    "loadingError",
    "ariaRowSelect",
    "ariaRowDeselect",
    "ariaRowToggleSelection",
    "ariaHeaderSelection",
    "ariaInputEditor",
    "ariaSortableColumn",
    "ariaChecked",
    "ariaUnchecked",
)

Column = dict[str, Any]
#: An empty choice in the editor's list; cells show nothing for it.
NOBODY = "–"
SAVED_RULE = {"cell-saved": {"function": "justSaved(params)"}}
#: How rows are fetched, kept and drawn.
_ROWS: dict[str, Any] = {
    "cacheBlockSize": BLOCK,
    "maxBlocksInCache": _KEPT_BLOCKS,
    "cacheOverflowSize": 1,
    "rowBuffer": 3,  # rows drawn beyond the view: each costs a frame when one jumps
    # The grid asks for whatever it draws; what of it is fetched, and when, 64-grid-rows.js decides.
    "maxConcurrentDatasourceRequests": -1,
    "infiniteInitialRowCount": 30,
    "rowHeight": 36,
    "headerHeight": 34,
    "floatingFiltersHeight": 38,
    "animateRows": False,
    "theme": {"function": "themeQuartz"},
}
#: How keys, clicks and columns behave.
_KEYS: dict[str, Any] = {
    "multiSortKey": "ctrl",
    "alwaysMultiSort": False,
    "maintainColumnOrder": True,
    "suppressCellFocus": False,
    "enterNavigatesVerticallyAfterEdit": True,
    "stopEditingWhenCellsLoseFocus": True,
    "undoRedoCellEditing": False,
    "suppressDragLeaveHidesColumns": True,
    "enableCellTextSelection": False,
    "tooltipShowDelay": 600,
}
#: Boxes before the rows.
_SELECTION: dict[str, Any] = {
    "rowSelection": {"mode": "multiRow", "checkboxes": True, "headerCheckbox": False, "enableClickSelection": False},
    "selectionColumnDef": {
        "width": 40,
        "pinned": "left",
        "resizable": False,
        "sortable": False,
        "suppressHeaderMenuButton": True,
    },
}
_DEFAULT: dict[str, Any] = {
    "sortable": True,
    "resizable": True,
    "filter": False,
    "suppressKeyboardEvent": {"function": "gridKeys(params)"},
    "suppressHeaderMenuButton": True,
    "minWidth": 96,
}


def column(field: str, header: str, width: int | None = None, **more: Any) -> Column:
    """One column. ``editable=True`` means: where the reader may write and the row has come."""
    definition: Column = {"field": field, "headerName": header, "headerTooltip": header}
    if width:
        # Shares of the room there is; a column that was sized by hand keeps its width.
        definition |= {"initialFlex": width, "initialWidth": width, "minWidth": min(width, _NARROWEST)}
    by = more.pop("by", None)
    if by:
        name, kind = by
        definition |= _filter_field(name, kind, header, more.pop("among", None) or more.get("refData"))
    more.pop("among", None)
    if more.pop("editable", False):
        definition["editable"] = {"function": "canEdit(params)"}
        # Rules, not a class: a class would take the place of the one that aligns numbers.
        definition["cellClassRules"] = {"cell-editable": {"function": "canEdit(params)"}, **SAVED_RULE}
    return definition | more


def _filter_field(name: str, kind: str, header: str, choices: Any) -> Column:
    """The column's place in the filter row: ``name`` in the grammar, ``kind`` text, list, number or day."""
    options = [[value, text] for value, text in choices.items() if value] if isinstance(choices, Mapping) else choices
    return {
        "filter": "agTextColumnFilter",  # never used by itself: without a filter there is no field in the row
        "floatingFilter": True,
        "floatingFilterComponent": "RowFilter",
        "floatingFilterComponentParams": {"field": name, "kind": kind, "options": options or [], "label": header},
        "suppressFloatingFilterButton": True,
        "suppressHeaderFilterButton": True,
    }


def arranged(columns: Sequence[Column], wanted: Any) -> list[Column]:
    """The columns as a member left them: order, width, pinned side, hidden ones. New columns come where they belong."""
    by_name = {definition["field"]: definition for definition in columns}
    chosen = (
        [item for item in wanted if isinstance(item, dict) and item.get("colId") in by_name] if isinstance(wanted, list) else []
    )
    place = {item["colId"]: index for index, item in enumerate(chosen)}
    for item in chosen:
        definition = by_name[item["colId"]]
        if isinstance(item.get("width"), int | float) and item.get("sized"):
            definition["initialWidth"] = max(40, min(1200, int(item["width"])))
            definition.pop("initialFlex", None)
        definition["initialHide"] = bool(item.get("hide"))
        if "pinned" in item:
            definition.pop("pinned", None)
            definition["initialPinned"] = item["pinned"] if item["pinned"] in ("left", "right") else None
    last = -1.0
    ranks: dict[str, float] = {}
    for definition in columns:
        last = place.get(definition["field"], last + 0.001)
        ranks[definition["field"]] = last
    return sorted(columns, key=lambda definition: ranks[definition["field"]])


def tags_column(field: str, header: str, width: int = 150, **more: Any) -> Column:
    """Words of one's own, edited as a list with commas."""
    return column(field, header, width, cellEditor="agTextCellEditor", cellRenderer="TagsCell", sortable=False, **more)


def suggest_column(field: str, header: str, width: int | None = None, known: Sequence[str] = (), **more: Any) -> Column:
    """Words that mostly repeat: what is known is offered while typing."""
    return column(
        field,
        header,
        width,
        cellEditor={"function": "SuggestEditor"},
        cellEditorParams={"known": list(known)},
        among=[[value, value] for value in known],
        **more,
    )


def text_column(field: str, header: str, width: int | None = None, **more: Any) -> Column:
    """Words, edited in place."""
    return column(field, header, width, cellEditor="agTextCellEditor", **more)


def link_column(
    field: str, header: str, path: str, width: int | None = None, id_field: str = "", quiet: bool = False, **more: Any
) -> Column:
    """A name that opens a record: ``path`` + the row's ``id_field`` (its own id if empty)."""
    params = {"path": path, "idField": id_field, "quiet": quiet}
    return column(field, header, width, cellRenderer="RecordLink", cellRendererParams=params, **({"minWidth": 150} | more))


def money_column(field: str, header: str, width: int = 132, **more: Any) -> Column:
    """A sum, right-aligned, edited as a number: in the row's ``currency``, or in the account's where rows have none."""
    return column(
        field,
        header,
        width,
        type="rightAligned",
        valueFormatter={"function": f"sum(params.value, params.data && params.data.currency || '{own_currency()}')"},
        cellEditor="agNumberCellEditor",
        cellEditorParams={"precision": 2, "showStepperButtons": False},
        **({"minWidth": 112} | more),
    )


def count_column(field: str, header: str, width: int = 100, **more: Any) -> Column:
    return column(field, header, width, type="rightAligned", valueFormatter={"function": "count(params.value)"}, **more)


def day_column(field: str, header: str, width: int = 120, **more: Any) -> Column:
    """A day, edited by the browser's own calendar."""
    narrowest = _DAY_NARROWEST.get(current_locale(), _DAY_NARROWEST_ELSE)
    return column(
        field,
        header,
        max(width, narrowest),
        valueFormatter={"function": "day(params.value)"},
        cellEditor="agDateStringCellEditor",
        **({"minWidth": narrowest} | more),
    )


def chance_column(field: str, header: str, width: int = 130, **more: Any) -> Column:
    """A probability as a small bar and per cent."""
    return column(field, header, width, cellRenderer="Chance", type="rightAligned", **({"minWidth": 112} | more))


def choice_column(
    field: str, header: str, names: Mapping[str, str], width: int = 140, values: Any = None, **more: Any
) -> Column:
    """One of a list. ``names``: stored value → word; ``values``: the editor's choice (all of them by default)."""
    params = values if values is not None else {"values": ["", *names] if more.pop("optional", False) else list(names)}
    return column(
        field,
        header,
        width,
        refData={"": NOBODY, **names},
        cellEditor="agSelectCellEditor",
        cellEditorParams=params,
        **({"among": dict(names)} | more),
    )


def data_grid(
    id: str,
    columns: Sequence[Column],
    locale: str,
    label: str,
    editable: bool,
    context: Mapping[str, Any] | None = None,
    sort: Sequence[tuple[str, str]] = (),
    selectable: bool = True,
    remembered: Any = None,
) -> html.Div:
    """The grid itself. Rows are fetched by 64-grid-rows.js; ``sort``: (field, asc|desc) it begins with;
    ``remembered``: the columns as the member left them."""
    grid = dag.AgGrid(
        id=id,
        columnDefs=_sorted(list(arranged(columns, remembered)), sort),
        rowModelType="infinite",
        getRowId="params.data.id.toString()",
        dashGridOptions={
            **_ROWS,
            **_KEYS,
            "context": {"editable": editable, **(context or {})},
            "localeText": {key: t(f"grid.locale.{key}", locale) for key in _TEXTS},
            **(_SELECTION if selectable else {}),
        },
        defaultColDef=_DEFAULT,
        className="ag-theme-crm",
        style={"height": "100%", "width": "100%"},
    )
    return html.Div(
        grid,
        className="data-grid",
        role="region",
        style={"height": "var(--grid-height, calc(100vh - 262px))", "minHeight": "320px"},
        **{"aria-label": label},
    )


def _sorted(columns: list[Column], sort: Sequence[tuple[str, str]]) -> list[Column]:
    order = {field: (index, direction) for index, (field, direction) in enumerate(sort)}
    for definition in columns:
        if definition["field"] in order:
            definition["initialSortIndex"], definition["initialSort"] = order[definition["field"]]
    return columns
