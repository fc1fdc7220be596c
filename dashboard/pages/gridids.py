"""Ids of a page with a data grid."""

from __future__ import annotations

from typing import Any

from dashboard.components.filterbar import BarIds


class GridIds(BarIds):
    """``GridIds("deals")``: the grid, its bars and dialogs; the filter bar's come with ``BarIds``."""

    def __init__(self, page: str) -> None:
        super().__init__(page)
        self.grid, self.name, self.search = f"{page}-grid", f"{page}-grid-name", f"{page}-search"
        self.edited, self.settled, self.refreshed = f"{page}-edited", f"{page}-settled", f"{page}-refreshed"
        self.totals, self.count, self.go = f"{page}-totals", f"{page}-count", f"{page}-go"
        self.bulk, self.bulk_text = f"{page}-bulk", f"{page}-bulk-text"
        self.bulk_delete, self.bulk_clear = f"{page}-bulk-delete", f"{page}-bulk-clear"
        self.undo, self.undo_text, self.undone = f"{page}-undo", f"{page}-undo-text", f"{page}-undone"
        self.undo_yes, self.undo_no = f"{page}-undo-yes", f"{page}-undo-no"
        self.confirm, self.confirm_text = f"{page}-confirm", f"{page}-confirm-text"
        self.confirm_yes, self.confirm_no = f"{page}-confirm-yes", f"{page}-confirm-no"
        self.empty, self.body = f"{page}-empty", f"{page}-body"
        self.new, self.dialog = f"{page}-new", f"{page}-dialog"
        self.create, self.cancel = f"{page}-create", f"{page}-cancel"
        self.rows_shown, self.columns_moved = f"{page}-rows-shown", f"{page}-columns-moved"
        self.rows_values, self.attached, self.fed = f"{page}-rows-values", f"{page}-attached", f"{page}-fed"
        self.builder, self.builder_open = f"{page}-builder", f"{page}-builder-open"
        self.builder_said, self.builder_schema = f"{page}-builder-said", f"{page}-builder-schema"
        self.builder_draft = f"{page}-builder-draft"
        self.pasted, self.paste_done, self.paste_settled = f"{page}-pasted", f"{page}-paste-done", f"{page}-paste-settled"
        self.paste_dialog, self.paste_said = f"{page}-paste-dialog", f"{page}-paste-said"
        self.paste_close, self.shared = f"{page}-paste-close", f"{page}-shared"
        self.views, self.views_menu, self.view_chosen = f"{page}-views", f"{page}-views-menu", f"{page}-view-chosen"
        self.view_name, self.view_shared = f"{page}-view-name", f"{page}-view-shared"
        self.view_default, self.view_save = f"{page}-view-default", f"{page}-view-save"
        self.view_columns, self.view_applied = f"{page}-view-columns", f"{page}-view-applied"
        self.many, self.many_all, self.many_some = f"{page}-many", f"{page}-many-all", f"{page}-many-some"
        self.many_scope, self.many_kind, self.many_field = f"{page}-many-scope", f"{page}-many-kind", f"{page}-many-field"
        self.many_value, self.many_text, self.many_day = f"{page}-many-value", f"{page}-many-text", f"{page}-many-day"
        self.many_said, self.many_seen = f"{page}-many-said", f"{page}-many-seen"
        self.many_yes, self.many_no = f"{page}-many-yes", f"{page}-many-no"

    def view(self, kind: str, view_id: Any) -> dict[str, Any]:
        """A button of one saved view: open, default, shared, remove."""
        return {"type": f"{self.page}-view-{kind}", "id": view_id}
