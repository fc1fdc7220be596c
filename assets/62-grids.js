/* What grids have beyond the grid: the filter row, columns and order that are remembered, cell ranges and the clipboard. */
(function () {
  "use strict";
  var dash = (window.dash_clientside = window.dash_clientside || {});
  var functions = (window.dashAgGridFunctions = window.dashAgGridFunctions || {});
  var components = (window.dashAgGridComponentFunctions = window.dashAgGridComponentFunctions || {});
  var shared = (window.crmGrids = window.crmGrids || { rows: {}, ranges: {} });

  var AHEAD = 50;  // rows, half a block

  function element() { return window.React.createElement.apply(null, arguments); }
  function pageOf(node) { var page = node && node.closest("[data-page]"); return page ? page.dataset.page : ""; }
  shared.texts = function (page) {
    var holder = document.getElementById(page + "-texts");
    return holder ? JSON.parse(holder.dataset.texts) : {};
  };
  shared.tell = function (page, what, data) { dash.set_props(page + "-" + what, { data: Object.assign({ at: Date.now() }, data) }); };
  function api(page) { try { return window.dash_ag_grid.getApi(page + "-grid"); } catch (error) { return null; } }

  /* A small panel below a button; Esc and a click elsewhere close it, the focus goes back. */
  shared.popover = function (anchor, content, label) {
    shared.close();
    var panel = document.createElement("div"), box = anchor.getBoundingClientRect();
    panel.className = "grid-popover"; panel.setAttribute("role", "dialog"); panel.setAttribute("aria-label", label);
    panel.appendChild(content);
    document.body.appendChild(panel);
    panel.style.top = Math.min(box.bottom + 4, window.innerHeight - panel.offsetHeight - 8) + "px";
    panel.style.left = Math.max(8, Math.min(box.left, window.innerWidth - panel.offsetWidth - 8)) + "px";
    shared.panel = panel; shared.anchor = anchor;
    anchor.setAttribute("aria-expanded", "true");
    var first = panel.querySelector("input, button, select");
    if (first) { first.focus(); }
    return panel;
  };
  shared.close = function (back) {
    if (!shared.panel) { return; }
    var done = shared.panel.onclosed;
    shared.panel.remove(); shared.panel = null;
    shared.anchor.setAttribute("aria-expanded", "false");
    if (back) { shared.anchor.focus(); }
    if (done) { done(); }
  };
  document.addEventListener("mousedown", function (event) {
    if (shared.panel && !shared.panel.contains(event.target) && event.target !== shared.anchor) { shared.close(false); }
  });
  document.addEventListener("keydown", function (event) {
    if (shared.panel && event.key === "Escape") { event.stopPropagation(); shared.close(true); }
  }, true);

  /* --- the filter row ------------------------------------------------------------------------------------ */

  components.RowFilter = function (props) {
    var R = window.React, holder = R.useRef(null), found = R.useState({}), said = found[0], setSaid = found[1];
    var drafted = R.useState(null), draft = drafted[0], setDraft = drafted[1], timer = R.useRef(0);
    R.useEffect(function () {
      function follow() {
        var rows = shared.rows[pageOf(holder.current)] || {};
        setSaid(rows[props.field] || {}); setDraft(null);
      }
      follow();
      window.addEventListener("crm-row-filters", follow);
      return function () { window.removeEventListener("crm-row-filters", follow); window.clearTimeout(timer.current); };
    }, [props.field]);
    var shown = document.querySelector("[data-page]"), page = pageOf(holder.current) || (shown ? shown.dataset.page : "");
    var words = page ? shared.texts(page) : {};
    function send(text) {
      window.clearTimeout(timer.current);
      if (text !== (said.text || "")) { shared.tell(page, "pick", { column: props.field, text: text }); }
    }
    function open(event) {
      var chosen = {}, list = document.createElement("div"), anchor = event.currentTarget, before = (said.values || []).map(String);
      before.forEach(function (value) { chosen[value] = true; });
      list.className = "grid-popover-list";
      props.options.forEach(function (option) {
        var label = document.createElement("label"), box = document.createElement("input");
        box.type = "checkbox"; box.checked = Boolean(chosen[option[0]]);
        box.addEventListener("change", function () { chosen[option[0]] = box.checked; });
        label.append(box, " " + option[1]); list.appendChild(label);
      });
      if (!props.options.length) { list.textContent = words.nothing || ""; }
      shared.popover(anchor, list, props.label).onclosed = function () {
        var values = props.options.map(function (option) { return option[0]; }).filter(function (value) { return chosen[value]; });
        if (values.join("\u0000") !== before.join("\u0000")) { shared.tell(page, "pick", { column: props.field, values: values }); }
      };
    }
    if (props.kind === "list") {
      var names = (said.values || []).map(function (value) {
        var hit = props.options.filter(function (option) { return String(option[0]) === String(value); })[0];
        return hit ? hit[1] : String(value);
      });
      return element("button", {
        ref: holder, type: "button", className: "row-filter row-filter-list" + (names.length || said.text ? " is-set" : ""), onClick: open,
        "aria-haspopup": "dialog", "aria-label": (names.length === 1 ? names[0] : names.length || said.text || words.all || "") + ", " + (words.filter || "") + ": " + props.label, title: names.join(", ")
      }, names.length ? (names.length === 1 ? names[0] : String(names.length)) : said.text || words.all || "\u00a0");
    }
    return element("input", {
      ref: holder, type: "text", className: "row-filter" + (said.text ? " is-set" : ""), value: draft === null ? said.text || "" : draft,
      placeholder: words[props.kind] || "", maxLength: 200, "aria-label": (words.filter || "") + ": " + props.label, spellCheck: false,
      onChange: function (event) {
        var text = event.target.value;
        setDraft(text);
        window.clearTimeout(timer.current);
        if (props.kind === "text") { timer.current = window.setTimeout(function () { send(text); }, 350); }
      },
      onBlur: function (event) { send(event.target.value.trim()); },
      onKeyDown: function (event) {
        event.stopPropagation();
        if (event.key === "Enter") { send(event.target.value.trim()); }
        if (event.key === "Escape") { setDraft(null); }
      }
    });
  };

  components.TagsCell = function (props) {
    var words = String(props.value || "").split(",").map(function (word) { return word.trim(); }).filter(Boolean);
    return words.length ? element("span", { className: "cell-tags" }, words.map(function (word) { return element("span", { key: word, className: "tag" }, word); })) : "";
  };

  /* Words that mostly repeat: a field with what is known below it. */
  functions.SuggestEditor = class {
    init(params) {
      this.field = document.createElement("input");
      this.field.type = "text"; this.field.className = "suggest-editor"; this.field.value = params.value || "";
      var list = document.createElement("datalist");
      list.id = "suggest-" + Math.random().toString(36).slice(2);
      (params.known || []).forEach(function (word) { var item = document.createElement("option"); item.value = word; list.appendChild(item); });
      this.field.setAttribute("list", list.id);
      this.field.setAttribute("aria-label", params.colDef.headerName);
      this.box = document.createElement("div"); this.box.className = "suggest-box"; this.box.append(this.field, list);
      if (params.eventKey && params.eventKey.length === 1) { this.field.value = params.eventKey; }
      if (params.eventKey === "Backspace" || params.eventKey === "Delete") { this.field.value = ""; }
    }
    getGui() { return this.box; }
    afterGuiAttached() { this.field.focus(); this.field.select(); }
    getValue() { return this.field.value; }
  };

  /* --- totals: each sum under its column, right-aligned with it as the cells are ------------------------------ */

  function alignTotals(page) {
    var line = document.getElementById(page + "-totals"), root = document.getElementById(page + "-grid");
    if (!line || !root) { return; }
    var start = line.getBoundingClientRect(), free = 0;
    line.querySelectorAll("[data-column]").forEach(function (item) {
      var head = root.querySelector('.ag-header-row-column [col-id="' + item.dataset.column + '"]');
      item.style.marginLeft = "0";
      if (!head || line.scrollHeight > 60) { return; }
      var right = head.getBoundingClientRect().right - 17, own = item.getBoundingClientRect(), by = right - own.right;
      // Out of sight, or no room before it: it stands where it fits.
      if (right > start.right || by < free) { return; }
      item.style.marginLeft = Math.round(by) + "px";
    });
  }
  var aligning = 0;
  shared.align = function (page) {
    window.cancelAnimationFrame(aligning);
    aligning = window.requestAnimationFrame(function () { alignTotals(page); });
  };
  window.addEventListener("resize", function () {
    var shown = document.querySelector("[data-page]");
    if (shown) { shared.align(shown.dataset.page); }
  });
  new MutationObserver(function (changes) {
    changes.forEach(function (change) {
      var line = change.target.closest ? change.target.closest(".grid-totals") : null;
      if (line && change.type === "childList") { shared.align(line.id.replace(/-totals$/, "")); }
    });
  }).observe(document.documentElement, { childList: true, subtree: true });

  /* --- columns and order --------------------------------------------------------------------------------- */

  function sortText(grid) {
    return grid.getColumnState().filter(function (item) { return item.sort; })
      .sort(function (a, b) { return (a.sortIndex || 0) - (b.sortIndex || 0); })
      .map(function (item) { return (item.sort === "desc" ? "-" : "") + item.colId; }).join(",");
  }

  function columnsNow(page, grid, sized) {
    var known = shared.sized || (shared.sized = {});
    if (sized) { (known[page] = known[page] || {})[sized] = true; }
    return grid.getColumnState().filter(function (item) { return item.colId.indexOf("ag-Grid") !== 0; }).map(function (item) {
      return { colId: item.colId, width: Math.round(item.width), hide: Boolean(item.hide), pinned: item.pinned || null,
        sized: Boolean((known[page] || {})[item.colId]) };
    });
  }
  shared.columns = function (page) { var grid = api(page); return grid ? columnsNow(page, grid) : null; };

  var waiting = {};
  function remember(page, grid, sized) {
    var state = columnsNow(page, grid, sized);
    window.clearTimeout(waiting[page]);
    waiting[page] = window.setTimeout(function () { shared.tell(page, "columns-moved", { columns: state }); }, 400);
  }

  function writeSort(page, grid) {
    var query = new URLSearchParams(window.location.search), text = sortText(grid);
    grid.crmSortedAt = Date.now();
    if ((query.get("sort") || "") === text) { return; }
    if (text) { query.set("sort", text); } else { query.delete("sort"); }
    var search = query.toString();
    dash.set_props(page + "-address", { search: search ? "?" + search : "" });
  }

  shared.applySort = function (grid, search) {
    var query = new URLSearchParams(search || ""), text = query.get("sort");
    // Who sorts quickly twice is not set back by the address of the first time, which comes round only then.
    if (text === null || text === sortText(grid) || Date.now() - (grid.crmSortedAt || 0) < 3000) { return; }
    grid.applyColumnState({
      defaultState: { sort: null },
      state: text.split(",").filter(Boolean).map(function (item, index) {
        return { colId: item.replace(/^-/, ""), sort: item[0] === "-" ? "desc" : "asc", sortIndex: index };
      })
    });
  };

  shared.applyColumns = function (page, wanted) {
    var grid = api(page);
    if (!grid || !wanted) { return; }
    grid.applyColumnState({ applyOrder: true, state: wanted.map(function (item) {
      var state = { colId: item.colId, hide: item.hide, pinned: item.pinned };
      if (item.sized) { state.width = item.width; state.flex = null; }
      return state;
    }) });
  };

  function columnsPanel(button) {
    var page = pageOf(button), grid = api(page), words = shared.texts(page), list = document.createElement("div");
    if (!grid) { return; }
    list.className = "grid-popover-list columns-list";
    function draw(focus) {
      list.replaceChildren();
      grid.getAllGridColumns().forEach(function (column) {
        var id = column.getColId(), line = document.createElement("div"), label = document.createElement("label"), box = document.createElement("input");
        if (id.indexOf("ag-Grid") === 0) { return; }
        line.className = "columns-line";
        box.type = "checkbox"; box.checked = column.isVisible();
        box.addEventListener("change", function () { grid.setColumnsVisible([id], box.checked); remember(page, grid); });
        label.append(box, " " + column.getColDef().headerName);
        line.appendChild(label);
        [["arrow-up", words.earlier, function () { move(id, -1); }], ["arrow-down", words.later, function () { move(id, 1); }],
          [column.getPinned() ? "x" : "chevron-left", column.getPinned() ? words.unpin : words.pin, function () {
            grid.setColumnsPinned([id], column.getPinned() ? null : "left"); remember(page, grid); draw([id, 2]);
          }]].forEach(function (item, index) {
          var button = document.createElement("button"), sign = document.createElement("i");
          button.type = "button"; button.className = "btn btn-link btn-icon btn-sm"; button.title = item[1] || "";
          button.setAttribute("aria-label", (item[1] || "") + ": " + column.getColDef().headerName);
          sign.className = "i i-" + item[0] + " i-s"; sign.setAttribute("aria-hidden", "true"); button.appendChild(sign);
          button.addEventListener("click", item[2]);
          line.appendChild(button);
          if (focus && focus[0] === id && focus[1] === index) { window.setTimeout(function () { button.focus(); }); }
        });
        list.appendChild(line);
      });
      var reset = document.createElement("button");
      reset.type = "button"; reset.className = "btn btn-link btn-sm"; reset.textContent = words.columns_reset || "";
      reset.addEventListener("click", function () { grid.resetColumnState(); if (shared.sized) { shared.sized[page] = {}; } shared.tell(page, "columns-moved", { columns: null }); draw(); });
      list.appendChild(reset);
    }
    function move(id, by) {
      var order = grid.getAllGridColumns().map(function (column) { return column.getColId(); }), at = order.indexOf(id), to = at + by;
      if (to < 0 || to >= order.length || order[to].indexOf("ag-Grid") === 0) { return; }
      grid.moveColumns([id], to); remember(page, grid); draw([id, by < 0 ? 0 : 1]);
    }
    draw();
    shared.popover(button, list, words.columns || "");
  }

  document.addEventListener("click", function (event) {
    var columns = event.target.closest("[data-columns]"), link = event.target.closest("[data-copy-link]");
    if (columns) { columnsPanel(columns); }
    if (link) {
      navigator.clipboard.writeText(window.location.href).then(function () {
        shared.tell(pageOf(link), "shared", { done: true });
      });
    }
  });

  /* --- ranges of cells and the clipboard ------------------------------------------------------------------ */

  function shownColumns(grid) {
    return grid.getAllDisplayedColumns().filter(function (column) { return column.getColId().indexOf("ag-Grid") !== 0; });
  }

  function paint(page) {
    var range = shared.ranges[page], root = document.getElementById(page + "-grid"), grid = api(page);
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
    var grid = api(page), lines = {};
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
    var grid = api(page), range = shared.ranges[page], area = box(range), columns = shownColumns(grid), found = [], left = 0;
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
    return pageOf(cell);
  }

  document.addEventListener("copy", function (event) {
    var page = inGrid(document.activeElement);
    if (!page || !shared.ranges[page]) { return; }
    event.clipboardData.setData("text/plain", shared.copied(page));
    event.preventDefault();
  });

  document.addEventListener("paste", function (event) {
    var page = inGrid(document.activeElement), grid = page && api(page);
    if (!grid || !shared.ranges[page]) { return; }
    event.preventDefault();
    var text = event.clipboardData.getData("text/plain");
    if (text && document.getElementById(page + "-undo")) { shared.tell(page, "pasted", changesOf(page, shared.readTable(text))); }
  });

  /* Ctrl+D: the range's first line goes into the lines below. */
  document.addEventListener("keydown", function (event) {
    if (!(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== "d" && event.code !== "KeyD") { return; }
    var page = inGrid(document.activeElement), grid = page && api(page), range = page && shared.ranges[page];
    if (!grid || !range || range.row === range.toRow) { return; }
    event.preventDefault();
    var first = shared.copied(page).split("\n")[0], area = box(range), rows = [];
    for (var row = area.top; row <= area.bottom; row++) { rows.push(first); }
    shared.tell(page, "pasted", changesOf(page, shared.readTable(rows.join("\n"))));
  });

  document.addEventListener("mousedown", function (event) {
    var cell = event.target.closest(".data-grid .ag-cell[col-id]"), page = cell && pageOf(cell), grid = page && api(page);
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
    var page = shared.dragging, cell = page && event.buttons === 1 && event.target.closest(".data-grid .ag-cell[col-id]"), grid = cell && api(page);
    if (!grid || pageOf(cell) !== page || !shared.ranges[page]) { return; }
    var col = shownColumns(grid).indexOf(grid.getColumn(cell.getAttribute("col-id")));
    if (col < 0) { return; }
    shared.ranges[page].toRow = Number(cell.closest(".ag-row").getAttribute("row-index")); shared.ranges[page].toCol = col;
    window.getSelection().removeAllRanges(); paint(page);
  });
  document.addEventListener("mouseup", function () { shared.dragging = null; });

  /* A cell one comes to by the keyboard is the beginning of a range as much as one that was clicked. */
  document.addEventListener("focusin", function (event) {
    var cell = event.target.closest && event.target.closest(".data-grid .ag-cell[col-id]"), page = cell && pageOf(cell), grid = page && api(page);
    if (!grid || shared.dragging || cell.classList.contains("ag-cell-inline-editing")) { return; }
    var row = Number(cell.closest(".ag-row").getAttribute("row-index")), column = grid.getColumn(cell.getAttribute("col-id"));
    var range = shared.ranges[page], col = column ? shownColumns(grid).indexOf(column) : -1;
    if (col >= 0 && !(range && range.row === row && range.col === col)) { begin(page, grid, row, column); }
  });

  /* The list one leaves by opening a record: the record's page walks on in it. */
  document.addEventListener("click", function (event) {
    var link = event.target.closest && event.target.closest(".data-grid a.cell-link"), page = link && pageOf(link);
    if (!page || link.pathname.indexOf("/" + page + "/") !== 0) { return; }
    var grid = api(page);
    try { window.sessionStorage.setItem("crm-list-" + page, JSON.stringify({ search: window.location.search, sort: grid ? sortText(grid) : "" })); } catch (error) { /* no storage, no context */ }
  }, true);

  /* Who scrolls on through rows that are there finds the next ones there, too; a jump loads only where it ends. */
  function readAhead(grid, top) {
    var first = grid.getFirstDisplayedRowIndex(), last = grid.getLastDisplayedRowIndex(), down = top >= (grid.crmTop || 0);
    var edge = grid.getDisplayedRowAtIndex(down ? last : first), wanted = down ? last + AHEAD : first - AHEAD;
    grid.crmTop = top;
    if (edge && edge.data && wanted >= 0 && wanted < grid.getDisplayedRowCount()) { grid.getDisplayedRowAtIndex(wanted); }
  }

  dash.grids = {
    /* Listen to a grid that has just come into the page. */
    attach: function (name, page) {
      window.dash_ag_grid.getApiAsync(name).then(function (grid) {
        if (grid.crmAttached) { return; }
        grid.crmAttached = true;
        var root = document.getElementById(name);
        page = pageOf(root);
        delete shared.ranges[page];
        ["displayedColumnsChanged", "displayedColumnsWidthChanged", "gridSizeChanged", "bodyScrollEnd", "firstDataRendered"].forEach(function (name) {
          grid.addEventListener(name, function () { shared.align(page); });
        });
        shared.align(page);
        grid.addEventListener("sortChanged", function (event) { if (event.source !== "api" && event.source !== "gridInitializing" && event.source !== "gridOptionsChanged") { writeSort(page, grid); } });
        grid.addEventListener("columnMoved", function (event) { if (event.finished && event.source === "uiColumnMoved") { remember(page, grid); } });
        grid.addEventListener("columnResized", function (event) {
          if (event.finished && event.source === "uiColumnResized" && event.column) { remember(page, grid, event.column.getColId()); }
        });
        grid.addEventListener("cellFocused", function (event) {
          if (event.rowIndex === null || event.rowIndex === undefined || !event.column || shared.dragging) { return; }
          var range = shared.ranges[page], column = typeof event.column === "string" ? grid.getColumn(event.column) : event.column;
          if (range && range.row === event.rowIndex && range.col === shownColumns(grid).indexOf(column)) { return; }
          begin(page, grid, event.rowIndex, column);
        });
        grid.addEventListener("bodyScroll", function (event) { if (event.direction === "vertical") { readAhead(grid, event.top); } });
        grid.addEventListener("bodyScrollEnd", function () { paint(page); });
        grid.addEventListener("modelUpdated", function () { paint(page); });
      });
      return dash.no_update;
    },

    showRow: function (values, name) {
      var page = name.replace(/-grid$/, "");
      shared.rows[page] = values || {};
      window.dispatchEvent(new CustomEvent("crm-row-filters"));
      return dash.no_update;
    },

    /* What came of a paste: rows are read again, refused cells are marked. */
    settlePaste: function (answer, name) {
      var page = name.replace(/-grid$/, ""), grid = api(page), root = document.getElementById(name);
      if (!answer || !grid) { return dash.no_update; }
      grid.refreshInfiniteCache();
      if (answer.refused && answer.refused.length) {
        window.setTimeout(function () {
          answer.refused.forEach(function (item) {
            var cell = root.querySelector('.ag-row[row-id="' + item.id + '"] .ag-cell[col-id="' + item.field + '"]');
            if (cell) { cell.classList.add("cell-refused"); cell.title = item.reason; window.setTimeout(function () { cell.classList.remove("cell-refused"); cell.title = ""; }, 15000); }
          });
        }, 400);
      }
      return dash.no_update;
    },

    columnsWith: function (clicks, name) { return shared.columns(name.replace(/-grid$/, "")); },

    applyView: function (view, name) {
      if (view && view.columns) { shared.applyColumns(name.replace(/-grid$/, ""), view.columns); }
      return dash.no_update;
    },

    /* The way on in the list is asked for when the record itself has been drawn. */
    listContext: function (row, box) {
      var page = box.replace(/-neighbours$/, ""), kept = {};
      try { kept = JSON.parse(window.sessionStorage.getItem("crm-list-" + page)) || {}; } catch (error) { /* no storage, no context */ }
      window.setTimeout(function () { if (document.getElementById(box)) { dash.set_props(box + "-list", { data: kept }); } }, 300);
      return dash.no_update;
    }
  };
}());
