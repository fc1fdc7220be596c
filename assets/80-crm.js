/* What pages need in the browser: clicks on marks, chart colours of the theme, grid refresh. No eval, no inline. */
(function () {
  "use strict";
  var dash = (window.dash_clientside = window.dash_clientside || {});

  /* The rows behind a mark: its filter, its entity and, where it is a sum, the sum they must make. */
  function rows(place) {
    var page = place.closest("[data-page]"), data = place.dataset;
    if (!page || !dash.set_props) { return; }
    dash.set_props(page.dataset.page + "-drill", { data: {
      rows: data.rows, entity: data.entity || "deals", sum: data.sum || "", title: data.title || place.title || "", at: Date.now()
    } });
  }

  /* Clicks quicker than the answers: the next one still finds the old address, so it says those before it, too. */
  var UNANSWERED_MS = 5000;
  var waiting = { page: "", address: null, picks: [], at: 0 };
  function forget() { waiting.address = null; }
  window.addEventListener("popstate", forget);
  window.addEventListener("crm-failed", forget);  // what did not arrive is clicked again, not twice

  function send(page, data) {
    var now = Date.now(), here = window.location.search;
    if (waiting.page !== page || waiting.address !== here || now - waiting.at > UNANSWERED_MS) { waiting = { page: page, address: here, picks: [] }; }
    dash.set_props(page + "-pick", { data: Object.assign({ before: waiting.picks.slice(), at: now }, data) });
    waiting.picks.push(data);
    waiting.at = now;
  }

  /* A click on a mark: filters the page it stands on, with Shift it is excluded. */
  function pick(place, text, exclude) {
    var page = place.closest("[data-page]"), panel = place.closest("[data-panel]");
    if (!page || !dash.set_props) { return; }
    send(page.dataset.page, { toggle: text, panel: panel ? panel.dataset.panel : "", exclude: Boolean(exclude) });
  }

  /* A mark (data-pick) filters the page, a chip's cross (data-unpick) takes a condition away, a count link
     (data-drill) opens the records. One listener for all: a callback per mark would post at every repaint. */
  document.addEventListener("click", function (event) {
    var target = event.target.closest("[data-pick], [data-unpick], [data-invert], [data-drill], [data-rows], [data-change], [data-say]");
    var page = target && target.closest("[data-page]");
    if (!page || target.disabled || !dash.set_props) { return; }
    var name = page.dataset.page, data = target.dataset, at = Date.now();
    if (data.pick === undefined && data.rows !== undefined) {
      rows(target);
    } else if (data.change !== undefined) {
      dash.set_props(name + "-drill", { data: { change: data.change, block: data.block || "", at: at } });
    } else if (data.say !== undefined) {
      send(name, { say: data.say });
    } else if (data.drill !== undefined) {
      dash.set_props(name + "-drill", { data: { metric: data.drill, member: data.member || "", at: at } });
    } else if (data.unpick !== undefined) {
      send(name, { remove: data.unpick });
    } else if (data.invert !== undefined) {
      send(name, { invert: data.invert });
    } else {
      pick(target, data.pick, event.shiftKey);
    }
  });

  /* A tick in a list of the bar. Before React hears of it: afterwards the box may stand as it stood. */
  document.addEventListener("click", function (event) {
    var box = event.target, list = box.type === "checkbox" && box.closest("[data-list]"), page = list && list.closest("[data-page]");
    if (page && dash.set_props) { send(page.dataset.page, { list: list.dataset.list, value: box.value, on: box.checked }); }
  }, true);

  /* "/" goes to the page's search, as in the frame's other keys. */
  document.addEventListener("keydown", function (event) {
    if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey) { return; }
    if (event.target.closest("input, textarea, select, [contenteditable], .ag-cell-inline-editing")) { return; }
    var field = document.querySelector(".search-box input");
    if (field) { event.preventDefault(); field.focus(); field.select(); }
  });

  /* Charts are built with the light palette; layout.meta.colours says which token each colour is. */
  function repaint(value, map) {
    if (typeof value === "string") { return Object.prototype.hasOwnProperty.call(map, value) ? map[value] : value; }
    if (Array.isArray(value)) { return value.map(function (item) { return repaint(item, map); }); }
    if (value && typeof value === "object") {
      var copy = {};
      Object.keys(value).forEach(function (key) { copy[key] = key === "meta" ? value[key] : repaint(value[key], map); });
      return copy;
    }
    return value;
  }

  function currentColours(names) {
    var style = getComputedStyle(document.documentElement), map = {};
    Object.keys(names).forEach(function (colour) { map[colour] = style.getPropertyValue(names[colour]).trim() || colour; });
    return map;
  }

  new MutationObserver(function () {
    if (document.getElementById("frame-rail") && dash.set_props) {
      dash.set_props("chart-theme", { data: document.documentElement.dataset.bsTheme });
    }
  }).observe(document.documentElement, { attributes: true, attributeFilter: ["data-bs-theme"] });

  /* A choice opens its list with the double click that began the edit, as it does with Enter. */
  document.addEventListener("dblclick", function (event) {
    if (!event.target.closest(".data-grid .ag-cell")) { return; }
    window.setTimeout(function () {
      var closed = document.querySelector(".ag-cell-inline-editing .ag-picker-collapsed.ag-picker-field-wrapper");
      if (closed) { closed.dispatchEvent(new MouseEvent("mousedown", { bubbles: true, cancelable: true })); }
    }, 60);
  }, true);  // Before the grid puts its editor in the place of what was clicked.

  /* Dash hides the target of its lists' focus from screen readers but leaves it among the tab stops. */
  new MutationObserver(function () {
    document.querySelectorAll(".dash-dropdown-focus-target[tabindex='0']").forEach(function (target) { target.tabIndex = -1; });
  }).observe(document.documentElement, { childList: true, subtree: true });

  function gridApi(id) {
    try { return window.dash_ag_grid.getApi(id); } catch (error) { return null; }
  }

  var filtersSeen = {};

  dash.crm = {
    pick: pick,
    rows: rows,

    themed: function (figure) {
      if (!figure || !figure.layout) { return dash.no_update; }
      var names = (figure.layout.meta || {}).colours || {};
      return repaint(figure, currentColours(names));
    },

    /* Rows are asked for again: from the top when the question changed, in place when the data did. */
    refreshGrid: function (id, search, counter) {
      var api = gridApi(id), whole = search, query = new URLSearchParams(search || "");
      window.crmGrids.asked(id, search);
      query.delete("sort");  // the grid asks again by itself when its order changes
      search = query.toString();
      if (!api) { filtersSeen[id] = search; return dash.no_update; }
      window.crmGrids.applySort(api, whole);
      if (filtersSeen[id] !== undefined && filtersSeen[id] !== search) {
        api.deselectAll();
        if (api.getDisplayedRowCount()) { api.ensureIndexVisible(0, "top"); }
        api.purgeInfiniteCache();
      } else if (filtersSeen[id] !== undefined && !api.getEditingCells().length) {
        api.refreshInfiniteCache();
      }
      filtersSeen[id] = search;
      return dash.no_update;
    },

    /* The answer to a cell edit: the stored row, or the old values again after a refusal. */
    settleEdit: function (id, answer) {
      var api = gridApi(id);
      if (!api || !answer) { return dash.no_update; }
      window.crmGrids.settled(answer);
      if (answer.rows) {
        answer.rows.forEach(function (row) {
          var node = api.getRowNode(String(row.id));
          if (!node) { return; }
          row._saved = answer.field;
          node.setData(row);
          api.refreshCells({ rowNodes: [node], force: true });
          window.setTimeout(function () {
            if (node.data && node.data._saved) { delete node.data._saved; api.refreshCells({ rowNodes: [node], force: true }); }
          }, 2000);
        });
      } else {
        if (answer.gone) { api.deselectAll(); }
        api.refreshInfiniteCache();
      }
      return dash.no_update;
    },

    clearSelection: function (clicks, id) {
      var api = gridApi(id);
      if (clicks && api) { api.deselectAll(); }
      return dash.no_update;
    }
  };
}());
