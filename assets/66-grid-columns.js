/* Columns and order of a grid: chosen, moved, sized, pinned and remembered; the order stands in the address. */
(function () {
  "use strict";
  var dash = (window.dash_clientside = window.dash_clientside || {});
  var shared = (window.crmGrids = window.crmGrids || { rows: {}, ranges: {} });

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
  shared.columns = function (page) { var grid = shared.api(page); return grid ? columnsNow(page, grid) : null; };

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
    var grid = shared.api(page);
    if (!grid || !wanted) { return; }
    grid.applyColumnState({ applyOrder: true, state: wanted.map(function (item) {
      var state = { colId: item.colId, hide: item.hide, pinned: item.pinned };
      if (item.sized) { state.width = item.width; state.flex = null; }
      return state;
    }) });
  };

  function columnsPanel(button) {
    var page = shared.pageOf(button), grid = shared.api(page), words = shared.texts(page), list = document.createElement("div");
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
        shared.tell(shared.pageOf(link), "shared", { done: true });
      });
    }
  });

  shared.sortText = sortText; shared.remember = remember; shared.writeSort = writeSort;
}());
