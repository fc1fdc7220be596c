/* What grids have beyond the grid: small panels, totals below their columns, reading ahead, and who listens to what.
   The row of filters, the columns and the cells stand in files of their own (66-grid-*.js). */
(function () {
  "use strict";
  var dash = (window.dash_clientside = window.dash_clientside || {});
  var shared = (window.crmGrids = window.crmGrids || { rows: {}, ranges: {} });

  var AHEAD = 50;  // rows, half a block

  function pageOf(node) { var page = node && node.closest("[data-page]"); return page ? page.dataset.page : ""; }
  shared.pageOf = pageOf;
  shared.texts = function (page) {
    var holder = document.getElementById(page + "-texts");
    return holder ? JSON.parse(holder.dataset.texts) : {};
  };
  shared.tell = function (page, what, data) { dash.set_props(page + "-" + what, { data: Object.assign({ at: Date.now() }, data) }); };
  function api(page) { try { return window.dash_ag_grid.getApi(page + "-grid"); } catch (error) { return null; } }
  shared.api = api;

  /* A cell's new value stands in the grid before the server has it: who leaves in between is asked, as it would be lost. */
  var unsaved = {};  // by row: several of its cells are answered together
  shared.changed = function (event) { unsaved[event.node.id] = true; };
  shared.settled = function (answer) {
    if (!answer.rows) { unsaved = {}; return; }
    answer.rows.forEach(function (row) { delete unsaved[row.id]; });
  };
  window.addEventListener("beforeunload", function (event) { if (Object.keys(unsaved).length) { event.preventDefault(); } });

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

  /* The list one leaves by opening a record: the record's page walks on in it. */
  document.addEventListener("click", function (event) {
    var link = event.target.closest && event.target.closest(".data-grid a.cell-link"), page = link && pageOf(link);
    if (!page || link.pathname.indexOf("/" + page + "/") !== 0) { return; }
    var grid = api(page);
    try { window.sessionStorage.setItem("crm-list-" + page, JSON.stringify({ search: window.location.search, sort: grid ? shared.sortText(grid) : "" })); } catch (error) { /* no storage, no context */ }
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
        grid.addEventListener("sortChanged", function (event) { if (event.source !== "api" && event.source !== "gridInitializing" && event.source !== "gridOptionsChanged") { shared.writeSort(page, grid); } });
        grid.addEventListener("columnMoved", function (event) { if (event.finished && event.source === "uiColumnMoved") { shared.remember(page, grid); } });
        grid.addEventListener("columnResized", function (event) {
          if (event.finished && event.source === "uiColumnResized" && event.column) { shared.remember(page, grid, event.column.getColId()); }
        });
        grid.addEventListener("cellFocused", function (event) {
          if (event.rowIndex === null || event.rowIndex === undefined || !event.column || shared.dragging) { return; }
          var range = shared.ranges[page], column = typeof event.column === "string" ? grid.getColumn(event.column) : event.column;
          if (range && range.row === event.rowIndex && range.col === shared.shownColumns(grid).indexOf(column)) { return; }
          shared.begin(page, grid, event.rowIndex, column);
        });
        unsaved = {};
        grid.addEventListener("cellValueChanged", shared.changed);
        grid.addEventListener("bodyScroll", function (event) { if (event.direction === "vertical") { readAhead(grid, event.top); } });
        grid.addEventListener("bodyScrollEnd", function () { shared.paint(page); });
        grid.addEventListener("modelUpdated", function () { shared.paint(page); });
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
