"""The data grid: AG Grid with rows from the server, typed editors, our language and colours."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import dash_ag_grid as dag
from dash import html

from dashboard.i18n import t

#: Rows of one request; the grid keeps what was scrolled past within reason.
BLOCK = 100
_KEPT_BLOCKS = 20
#: Columns shrink to this on small screens, then the grid scrolls sideways.
_NARROWEST = 128
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


def column(field: str, header: str, width: int | None = None, **more: Any) -> Column:
    """One column. ``editable=True`` means: where the reader may write and the row has come."""
    definition: Column = {"field": field, "headerName": header, "headerTooltip": header}
    if width:
        # Shares of the room there is; a column that was sized by hand keeps its width.
        definition |= {"initialFlex": width, "initialWidth": width, "minWidth": min(width, _NARROWEST)}
    if more.pop("editable", False):
        definition["editable"] = {"function": "canEdit(params)"}
        # Rules, not a class: a class would take the place of the one that aligns numbers.
        definition["cellClassRules"] = {"cell-editable": {"function": "canEdit(params)"}, **SAVED_RULE}
    return definition | more


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
    """A sum, right-aligned, edited as a number."""
    return column(
        field,
        header,
        width,
        type="rightAligned",
        valueFormatter={"function": "sum(params.value, params.data && params.data.currency)"},
        cellEditor="agNumberCellEditor",
        cellEditorParams={"precision": 2, "showStepperButtons": False},
        **({"minWidth": 112} | more),
    )


def count_column(field: str, header: str, width: int = 100, **more: Any) -> Column:
    return column(field, header, width, type="rightAligned", valueFormatter={"function": "count(params.value)"}, **more)


def day_column(field: str, header: str, width: int = 120, **more: Any) -> Column:
    """A day, edited by the browser's own calendar."""
    return column(
        field,
        header,
        width,
        valueFormatter={"function": "day(params.value)"},
        cellEditor="agDateStringCellEditor",
        **({"minWidth": 100} | more),
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
        **more,
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
    owner: str = "",
) -> html.Div:
    """The grid itself. Rows come through ``getRowsRequest``; ``sort``: (field, asc|desc) it begins with;
    ``owner``: whose columns are remembered."""
    order = {field: (index, direction) for index, (field, direction) in enumerate(sort)}
    for definition in columns:
        if definition["field"] in order:
            definition["sortIndex"], definition["sort"] = order[definition["field"]]
    options: dict[str, Any] = {
        "cacheBlockSize": BLOCK,
        "maxBlocksInCache": _KEPT_BLOCKS,
        "cacheOverflowSize": 1,
        "maxConcurrentDatasourceRequests": 1,
        "infiniteInitialRowCount": 30,
        "blockLoadDebounceMillis": 60,
        "multiSortKey": "ctrl",
        "alwaysMultiSort": False,
        "rowHeight": 36,
        "headerHeight": 34,
        "animateRows": False,
        "suppressCellFocus": False,
        "enterNavigatesVerticallyAfterEdit": True,
        "stopEditingWhenCellsLoseFocus": True,
        "undoRedoCellEditing": False,
        "suppressDragLeaveHidesColumns": True,
        "enableCellTextSelection": False,
        "tooltipShowDelay": 600,
        "context": {"editable": editable, **(context or {})},
        "localeText": {key: t(f"grid.locale.{key}", locale) for key in _TEXTS},
        "theme": {"function": "themeQuartz"},
    }
    if selectable:
        options["rowSelection"] = {
            "mode": "multiRow",
            "checkboxes": True,
            "headerCheckbox": False,
            "enableClickSelection": False,
        }
        options["selectionColumnDef"] = {
            "width": 40,
            "pinned": "left",
            "resizable": False,
            "sortable": False,
            "suppressHeaderMenuButton": True,
        }
    grid = dag.AgGrid(
        id=id,
        columnDefs=list(columns),
        rowModelType="infinite",
        getRowId="params.data.id.toString()",
        dashGridOptions=options,
        defaultColDef={
            "sortable": True,
            "resizable": True,
            "filter": False,
            "suppressHeaderMenuButton": True,
            "minWidth": 96,
        },
        className="ag-theme-crm",
        style={"height": "100%", "width": "100%"},
        # Columns that were moved, sized or hidden stay so in this browser for this member.
        persistence=owner or True,
        persisted_props=["columnState"],
        persistence_type="local",
    )
    return html.Div(
        grid,
        className="data-grid",
        role="region",
        style={"height": "var(--grid-height, calc(100vh - 262px))", "minHeight": "320px"},
        **{"aria-label": label},
    )
