"""Ids of the frame, the settings and the keys page, one class per page."""

from __future__ import annotations


class FrameIds:
    """What every page has around it. ``CHANGES`` moves when the account's data changed."""

    CHANGES = "change-counter"
    CHANGES_POLL = "frame-changes-poll"
    TOAST = "frame-toast"
    TOAST_DONE = "frame-toast-done"
    TOASTS = "frame-toasts"
    BANNERS = "frame-banners"
    RAIL = "frame-rail"
    TABBAR = "frame-tabbar"
    SEARCH = "frame-search"
    CREATE = "frame-create"
    THEME_LIGHT = "frame-theme-light"
    THEME_DARK = "frame-theme-dark"
    THEME_AUTO = "frame-theme-auto"
    THEME = "frame-theme"
    CHART_THEME = "chart-theme"  # the theme charts are drawn in, as assets/80-crm.js has seen it
    LANGUAGE_RU = "frame-language-ru"
    LANGUAGE_EN = "frame-language-en"
    LANGUAGE = "frame-language"
    DONE = "frame-done"


class SearchIds:
    """The search over everything, below the frame's search field."""

    PANEL = "search-panel"
    SHOWN = "search-shown"
    SEEN = "search-seen"  # the address one has stayed at


class SettingsIds:
    NAME = "settings-name"
    LANGUAGE = "settings-language"
    THEME = "settings-theme"
    SAVE = "settings-save"
    READY = "settings-ready"
    PASSWORD_OLD = "settings-password-old"  # noqa: S105 - an id
    PASSWORD_NEW = "settings-password-new"  # noqa: S105 - an id
    PASSWORD_AGAIN = "settings-password-again"  # noqa: S105 - an id
    PASSWORD_SAVE = "settings-password-save"  # noqa: S105 - an id
    PROBLEM_OLD = "settings-problem-old"
    PROBLEM_NEW = "settings-problem-new"
    PROBLEM_AGAIN = "settings-problem-again"
    SIGN_OUT_ALL = "settings-sign-out-all"
    ACCOUNT = "settings-account"
    MEMBERS = "settings-members"
    HEALTH = "settings-health"
    HEALTH_AGAIN = "settings-health-again"


class KeysIds:
    READY = "keys-ready"
    LIST = "keys-list"
    NEW = "keys-new"
    DIALOG = "keys-dialog"
    NAME = "keys-name"
    SCOPES = "keys-scopes"
    EXPIRES = "keys-expires"
    CREATE = "keys-create"
    CANCEL = "keys-cancel"
    PROBLEM = "keys-problem"
    SHOWN = "keys-shown"
    SHOWN_ABOUT = "keys-shown-about"
    SECRET = "keys-secret"  # noqa: S105 - an id
    COPY = "keys-copy"
    COPIED = "keys-copied"
    DONE = "keys-done"
    REVOKE = "keys-revoke"  # pattern: {"type": REVOKE, "id": key id}
    REVOKE_DIALOG = "keys-revoke-dialog"
    REVOKE_WHICH = "keys-revoke-which"
    REVOKE_YES = "keys-revoke-yes"
    REVOKE_NO = "keys-revoke-no"


class BellIds:
    """The bell of the top bar. ``ACT``: what a click or a key in its list asks for."""

    BUTTON = "bell"
    PANEL = "bell-panel"
    LIST = "bell-list"
    COUNT = "bell-count"
    SAID = "bell-said"
    SEEN = "bell-seen"
    ACT = "bell-act"


class TasksIds:
    """The page of tasks. ``ACT``: what a key or a button asks for; ``HELD``: the task just done; ``EDITED``: the form's;
    ``HEARD``: others' changes that are to be drawn."""

    ADDRESS = "tasks-address"
    HEAD = "tasks-head"
    BODY = "tasks-body"
    ACT = "tasks-act"
    CHANGED = "tasks-changed"
    HELD = "tasks-held"
    HEARD = "tasks-heard"
    OPEN = "tasks-open"
    EDITED = "tasks-edited"
    FORM = "tasks-dialog-body"
    DIALOG = "tasks-dialog"
    DIALOG_TITLE = "tasks-dialog-title"
    TEXT = "tasks-text"
    CLIENT = "tasks-client"
    CLIENT_BOX = "tasks-client-box"
    DAY = "tasks-day"
    TIME = "tasks-time"
    REMIND = "tasks-remind"
    OWN = "tasks-own"
    OWN_BOX = "tasks-own-box"
    OWNER = "tasks-owner"
    NOTES = "tasks-notes"
    PROBLEM = "tasks-problem"
    SAVE = "tasks-save"
    CANCEL = "tasks-cancel"
    DELETE = "tasks-delete"
