"""Ids of a page with a data grid."""

from __future__ import annotations

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
