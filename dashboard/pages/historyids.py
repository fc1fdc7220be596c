"""Ids of the history tab, the list of changes, the recycle bin and the pages of a past day."""

from __future__ import annotations


class HistoryIds:
    """The history of one record."""

    TABS = "history-tabs"
    TAB_MAIN = "history-tab-main"
    TAB = "history-tab"
    MAIN = "history-main"
    PLACE = "history-place"
    RECORD = "history-record"  # {"entity", "id"}
    OPENED = "history-opened"
    PICK = "history-pick"  # {"older", "newer"}: points
    ALL = "history-all"
    DAY = "history-day"
    DAY_SAYS = "history-day-says"
    OLDER = "history-older"
    NEWER = "history-newer"
    LIST = "history-list"
    COMPARED = "history-compared"
    DONE = "history-done"
    VERSION = "history-version"  # pattern: {"type", "point"}
    CHECK = "history-check"  # pattern: {"type", "field"}
    BACK = "history-back"  # pattern: {"type", "field"}
    PERSON = "history-person"  # pattern: {"type", "id"}
    CHOSEN = "history-chosen"
    BACK_CHOSEN = "history-back-chosen"
    BACK_WHOLE = "history-back-whole"
    PROBLEM = "history-problem"
    UNDO_LAST = "history-undo-last"  # the frame's: Ctrl+Z


class ChangesIds:
    """The account's changes."""

    READY = "changes-ready"
    MEMBER = "changes-member"
    ENTITY = "changes-entity"
    SINCE = "changes-since"
    UNTIL = "changes-until"
    SEARCH = "changes-search"
    LIST = "changes-list"
    MORE = "changes-more"
    BEFORE = "changes-before"
    OPEN = "changes-open"  # pattern: {"type", "id"}
    DRAWER = "changes-drawer"
    DETAILS = "changes-details"
    WHICH = "changes-which"
    UNDO = "changes-undo"
    DIALOG = "changes-dialog"
    STANDS = "changes-stands"
    REST = "changes-undo-rest"
    NOT = "changes-undo-not"
    DONE = "changes-done"


class BinIds:
    """The recycle bin."""

    READY = "bin-ready"
    ENTITY = "bin-entity"
    SEARCH = "bin-search"
    MEMBER = "bin-member"
    SINCE = "bin-since"
    UNTIL = "bin-until"
    LIST = "bin-list"
    CHECK = "bin-check"  # pattern: {"type", "id"}
    ALL = "bin-all"
    RESTORE = "bin-restore"
    PURGE = "bin-purge"
    DIALOG = "bin-dialog"
    DIALOG_TEXT = "bin-dialog-text"
    YES = "bin-yes"
    NO = "bin-no"
    DONE = "bin-done"
    OFFSET = "bin-offset"
    NEXT = "bin-next"
    PREVIOUS = "bin-previous"


class AsOfIds:
    """A record or a list as it stood."""

    WHAT = "asof-what"  # {"entity", "id", "day"}
    ADDRESS = "asof-address"
    GO = "asof-go"
    DAY = "asof-day"
    SEARCH = "asof-search"
    BODY = "asof-body"
    FILTER = "asof-filter"  # pattern: {"type", "name"}
