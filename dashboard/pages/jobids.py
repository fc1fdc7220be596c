"""Ids of the import page and the reports page."""

from __future__ import annotations


class ImportIds:
    FILE = "import-file"  # {"id": number}: set by assets/import.js after an upload
    DROP = "import-drop"
    CHOOSE = "import-choose"
    NAME = "import-upload-name"
    BAR = "import-upload-bar"
    PROBLEM = "import-upload-problem"
    STEPS = "import-steps"
    BODY = "import-body"
    LOOK = "import-look"  # what the shown inspection was asked with
    OPTION = "import-option"  # pattern: {"type": OPTION, "name": encoding …}
    FIELD = "import-field"  # pattern: {"type": FIELD, "column": index}
    MODE = "import-mode"
    COLUMNS = "import-columns"
    DOUBTS = "import-doubts"
    PREVIEW = "import-preview"
    DRY = "import-dry"
    LOAD = "import-load"
    JOB = "import-job"
    POLL = "import-poll"
    RESULT = "import-result"
    ACTION = "import-action"  # pattern: {"type": ACTION, "do": cancel|undo|another, "id": number}
    RECENT = "import-recent"


class ReportIds:
    READY = "reports-ready"
    KIND = "reports-kind"
    CARD = "reports-card"  # pattern: {"type": CARD, "kind": name}
    GALLERY = "reports-gallery"
    PARAMS_TITLE = "reports-params-title"
    NAME = "reports-name"
    START = "reports-start"
    END = "reports-end"
    COMPARE = "reports-compare"
    COMPARE_ROW = "reports-compare-row"
    FILTER = "reports-filter"
    LANGUAGE = "reports-language"
    FORMAT = "reports-format"
    PROBLEM = "reports-problem"
    CREATE = "reports-create"
    LIST = "reports-list"
    WATCH = "reports-watch"  # ids of the reports that are not finished
    POLL = "reports-poll"
    ACTION = "reports-action"  # pattern: {"type": ACTION, "do": again|rename|delete|cancel, "id": number}
    RENAMING = "reports-renaming"
    RENAME_AREA = "reports-rename-area"
    RENAME_NAME = "reports-rename-name"
    RENAME_PROBLEM = "reports-rename-problem"
    RENAME_SAVE = "reports-rename-save"
    RENAME_CANCEL = "reports-rename-cancel"
    RENAMED = "reports-renamed"  # {"id", "name"}: which report, and what it was called when the dialog opened
