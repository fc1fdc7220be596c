/* Ranges of cells and the clipboard: chosen by mouse and keys, copied to and pasted from a spreadsheet, filled down. */
(function () {
  "use strict";
  var functions = (window.dashAgGridFunctions = window.dashAgGridFunctions || {});
  var shared = (window.crmGrids = window.crmGrids || { rows: {}, ranges: {} });

  function shownColumns(grid) {
    return grid.getAllDisplayedColumns().filter(function (column) { return column.getColId().indexOf("ag-Grid") !== 0; });
  }

  function paint(page) {
    var range = shared.ranges[page], root = document.getElementById(page + "-grid"), grid = shared.api(page);
    if (!root || !grid) { return; }
    root.querySelectorAll(".in-range").forEach(function (cell) { cell.classList.remove("in-range"); });
    if (!range || (range.row === range.toRow && range.col === range.toCol)) { return; }
    cells(page, grid).forEach(function (item) {
      var cell = root.querySelector('.ag-row[row-index="' + item.row + '"] .ag-cell[col-id="' + item.column.getColId() + '"]');
      if (cell) { cell.classList.add("in-range"); }
    });
  }

  function box(range) {
    return { top: Math.min(range.row, range.toRow), bottom: Math.max(range.row, range.toRow),
      left: Math.min(range.col, range.toCol), right: Math.max(range.col, range.toCol) };
  }

  function cells(page, grid) {
    var range = shared.ranges[page], columns = shownColumns(grid), found = [];
    if (!range) { return found; }
    var area = box(range);
    for (var row = area.top; row <= area.bottom; row++) {
      for (var col = area.left; col <= area.right; col++) { if (columns[col]) { found.push({ row: row, col: col, column: columns[col] }); } }
    }
    return found;
  }

  function begin(page, grid, row, column) {
    var col = shownColumns(grid).indexOf(column);
    shared.ranges[page] = { row: row, col: col, toRow: row, toCol: col };
    paint(page);
  }

  /* Shift with an arrow makes the range larger; the grid's own focus stays at its beginning. */
  functions.gridKeys = function (params) {
    var event = params.event, steps = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }, step = steps[event.key];
    if (params.editing || !event.shiftKey || !step || event.ctrlKey || event.metaKey) { return false; }
    var root = event.target.closest("[data-page]"), page = root && root.dataset.page, range = page && shared.ranges[page], grid = params.api;
    if (!range) { return false; }
    event.preventDefault();
    range.toRow = Math.max(0, Math.min(grid.getDisplayedRowCount() - 1, range.toRow + step[0]));
    range.toCol = Math.max(0, Math.min(shownColumns(grid).length - 1, range.toCol + step[1]));
    grid.ensureIndexVisible(range.toRow);
    paint(page);
    return true;
  };

  function plain(grid, node, column) {
    var definition = column.getColDef(), id = column.getColId(), value = node.data ? node.data[id] : null;
    if (value === null || value === undefined || value === "") { return ""; }
    if (definition.refData) { return definition.refData[value] || (node.data[id.replace(/_id$/, "_name")] || ""); }
    if (typeof value === "number") { return document.documentElement.lang === "en" ? String(value) : String(value).replace(".", ","); }
    if (/^\d{4}-\d\d-\d\d$/.test(value) && document.documentElement.lang !== "en") { return value.split("-").reverse().join("."); }
    return /["\t\n]/.test(value) ? '"' + String(value).replace(/"/g, '""') + '"' : String(value);
  }

  shared.copied = function (page) {
    var grid = shared.api(page), lines = {};
    cells(page, grid).forEach(function (item) {
      var node = grid.getDisplayedRowAtIndex(item.row);
      if (node) { (lines[item.row] = lines[item.row] || []).push(plain(grid, node, item.column)); }
    });
    return Object.keys(lines).map(Number).sort(function (a, b) { return a - b; }).map(function (row) { return lines[row].join("\t"); }).join("\n");
  };

  /* Tab-separated text as spreadsheets write it: quoted cells may hold tabs, lines and doubled quotes. */
  shared.readTable = function (text) {
    var rows = [[]], cell = "", quoted = false, fresh = true;
    text = text.replace(/\r\n?/g, "\n").replace(/\n$/, "");
    for (var at = 0; at < text.length; at++) {
      var sign = text[at];
      if (quoted) {
        if (sign === '"' && text[at + 1] === '"') { cell += '"'; at++; } else if (sign === '"') { quoted = false; } else { cell += sign; }
      } else if (sign === '"' && fresh) { quoted = true; fresh = false; } else if (sign === "\t" || sign === "\n") {
        rows[rows.length - 1].push(cell); cell = ""; fresh = true;
        if (sign === "\n") { rows.push([]); }
      } else { cell += sign; fresh = false; }
    }
    rows[rows.length - 1].push(cell);
    return rows;
  };

  function changesOf(page, rows) {
    var grid = shared.api(page), range = shared.ranges[page], area = box(range), columns = shownColumns(grid), found = [], left = 0;
    var one = rows.length === 1 && rows[0].length === 1, height = one ? area.bottom - area.top + 1 : rows.length, width = one ? area.right - area.left + 1 : 0;
    for (var row = 0; row < height; row++) {
      var node = grid.getDisplayedRowAtIndex(area.top + row), line = one ? [] : rows[row];
      for (var index = 0; index < (one ? width : line.length); index++) {
        var column = columns[area.left + index];
        if (!node || !node.data || !column) { left += 1; continue; }
        found.push({ id: node.data.id, version: node.data.version, field: column.getColId(), text: one ? rows[0][0] : line[index] });
      }
    }
    return { cells: found, left: left };
  }

  function inGrid(target) {
    var cell = target && target.closest && target.closest(".data-grid .ag-cell");
    if (!cell || cell.classList.contains("ag-cell-inline-editing") || target.closest("input, textarea, select")) { return ""; }
    return shared.pageOf(cell);
  }

  document.addEventListener("copy", function (event) {
    var page = inGrid(document.activeElement);
    if (!page || !shared.ranges[page]) { return; }
    event.clipboardData.setData("text/plain", shared.copied(page));
    event.preventDefault();
  });

  document.addEventListener("paste", function (event) {
    var page = inGrid(document.activeElement), grid = page && shared.api(page);
    if (!grid || !shared.ranges[page]) { return; }
    event.preventDefault();
    var text = event.clipboardData.getData("text/plain");
    if (text && document.getElementById(page + "-undo")) { shared.tell(page, "pasted", changesOf(page, shared.readTable(text))); }
  });

  /* Ctrl+D: the range's first line goes into the lines below. */
  document.addEventListener("keydown", function (event) {
    if (!(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== "d" && event.code !== "KeyD") { return; }
    var page = inGrid(document.activeElement), grid = page && shared.api(page), range = page && shared.ranges[page];
    if (!grid || !range || range.row === range.toRow) { return; }
    event.preventDefault();
    var first = shared.copied(page).split("\n")[0], area = box(range), rows = [];
    for (var row = area.top; row <= area.bottom; row++) { rows.push(first); }
    shared.tell(page, "pasted", changesOf(page, shared.readTable(rows.join("\n"))));
  });

  document.addEventListener("mousedown", function (event) {
    var cell = event.target.closest(".data-grid .ag-cell[col-id]"), page = cell && shared.pageOf(cell), grid = page && shared.api(page);
    if (!grid || event.button || cell.classList.contains("ag-cell-inline-editing") || event.target.closest("a, button, input")) { return; }
    var row = Number(cell.closest(".ag-row").getAttribute("row-index")), column = grid.getColumn(cell.getAttribute("col-id"));
    if (!column || column.getColId().indexOf("ag-Grid") === 0) { return; }
    if (event.shiftKey && shared.ranges[page]) {
      shared.ranges[page].toRow = row; shared.ranges[page].toCol = shownColumns(grid).indexOf(column);
      event.preventDefault(); paint(page);
      return;
    }
    begin(page, grid, row, column);
    shared.dragging = page;
  });
  document.addEventListener("mouseover", function (event) {
    var page = shared.dragging, cell = page && event.buttons === 1 && event.target.closest(".data-grid .ag-cell[col-id]"), grid = cell && shared.api(page);
    if (!grid || shared.pageOf(cell) !== page || !shared.ranges[page]) { return; }
    var col = shownColumns(grid).indexOf(grid.getColumn(cell.getAttribute("col-id")));
    if (col < 0) { return; }
    shared.ranges[page].toRow = Number(cell.closest(".ag-row").getAttribute("row-index")); shared.ranges[page].toCol = col;
    window.getSelection().removeAllRanges(); paint(page);
  });
  document.addEventListener("mouseup", function () { shared.dragging = null; });

  /* A cell one comes to by the keyboard is the beginning of a range as much as one that was clicked. */
  document.addEventListener("focusin", function (event) {
    var cell = event.target.closest && event.target.closest(".data-grid .ag-cell[col-id]"), page = cell && shared.pageOf(cell), grid = page && shared.api(page);
    if (!grid || shared.dragging || cell.classList.contains("ag-cell-inline-editing")) { return; }
    var row = Number(cell.closest(".ag-row").getAttribute("row-index")), column = grid.getColumn(cell.getAttribute("col-id"));
    var range = shared.ranges[page], col = column ? shownColumns(grid).indexOf(column) : -1;
    if (col >= 0 && !(range && range.row === row && range.col === col)) { begin(page, grid, row, column); }
  });

  shared.shownColumns = shownColumns; shared.paint = paint; shared.begin = begin;
}());
