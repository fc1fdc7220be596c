/* Rows of a grid, fetched by the grid itself: what is in view first, what is out of view again called off and kept for later. */
(function () {
  "use strict";
  var dash = (window.dash_clientside = window.dash_clientside || {});
  var shared = (window.crmGrids = window.crmGrids || { rows: {}, ranges: {} });

  var BLOCK = 100;       // rows the grid asks for in one piece (components/grid.py)
  var AHEAD = 50;        // rows beyond the view that are fetched, too: half a block, as the grid reads ahead
  var AT_ONCE = 2;       // the server's share of one person
  var PACE_MS = 40;      // who drags the bar through a million rows asks for one place after another
  var AGAIN_MS = 2000;   // after the server was not there
  var EARLY_MS = 500;    // an answer the grid has not asked for by then is not today's any more
  var MOST = 60;         // three times what the grid keeps: older ones it has forgotten itself

  var searches = {}, feeds = {};

  /* The address the grid stands under, as the page has been told it: its filter is the question. */
  shared.asked = function (id, search) { searches[id] = search || ""; };

  /* One grid's blocks that have not come yet. The grid waits for each of them as long as it takes:
     a block that was told to have failed would stay empty for good. */
  function feed(id, grid) {
    var open = [], gone = false, pause = 0, lastAsked = 0, order = null, coming = null;

    function near(item, by) {
      var first = coming ? coming.first : Math.max(0, grid.getFirstDisplayedRowIndex());
      var last = coming ? coming.last : Math.max(first, grid.getLastDisplayedRowIndex());
      return item.start <= last + by && item.start + BLOCK > first - by;
    }
    function question() { return JSON.stringify([searches[id], order]); }
    function forget(item) { open = open.filter(function (other) { return other !== item; }); }
    function callOff(item) { if (item.abort) { item.abort.abort(); item.abort = null; } }
    function later(wait) {
      window.clearTimeout(pause);
      pause = window.setTimeout(next, wait);
    }

    function next() {
      if (gone || grid.isDestroyed()) { return; }
      open.forEach(function (item) { if (item.abort && !near(item, AHEAD)) { callOff(item); } });
      // What is only near waits until all that is in view has come: side by side both would come later.
      var by = open.some(function (item) { return near(item, 0); }) ? 0 : AHEAD;
      var wanted = open.filter(function (item) { return !item.abort && !item.found && near(item, by); });
      var room = AT_ONCE - open.filter(function (item) { return item.abort; }).length, soon = PACE_MS - (Date.now() - lastAsked);
      if (!wanted.length || room <= 0) { return; }
      if (soon > 0) { later(soon); return; }
      wanted.sort(function (one, other) { return other.at - one.at; });
      lastAsked = Date.now();
      wanted.slice(0, room).forEach(ask);
    }

    function ask(item) {
      var abort = item.abort = new AbortController(), page = id.replace(/-grid$/, "");
      window.crmAsk.post("/_grids/" + page + "/rows", {
        startRow: item.start, endRow: item.start + BLOCK, sortModel: order, search: searches[id]
      }, { signal: abort.signal }).then(function (answer) {
        // Said already in words where all requests are watched. A refusal leaves the list empty, as it is nobody's to see.
        if (answer.ok) { return answer.json(); }
        // The banner leads to the sign-in and back; who signs in in another tab finds the rows here, too.
        if (answer.status === 401 || answer.status >= 502) { throw new Error("not there: " + answer.status); }
        return { rows: [], total: 0 };
      }).then(function (found) {
        if (item.abort !== abort || gone) { return; }
        item.abort = null;
        item.found = found;
        deliver(item);
        next();
      }).catch(function (error) {
        if (item.abort !== abort) { return; }  // called off: it waits for its turn
        item.abort = null;
        if (!error || error.name !== "AbortError") { lastAsked = Date.now() + AGAIN_MS; later(AGAIN_MS); }
      });
    }

    function deliver(item) {
      if (!item.params || !item.found || gone) { return; }
      forget(item);
      item.params.successCallback(item.found.rows, item.found.total);
    }

    function put(start, params) {
      var item = { start: start, params: params, question: question(), at: Date.now(), abort: null, found: null };
      open.push(item);
      if (open.length > MOST) { callOff(open.shift()); }
      return item;
    }

    /* The grid asks for a block when it has drawn its empty rows; for who jumps it is asked for before they are drawn. */
    function scrolled(event) {
      var box = event.target, rows = grid.isDestroyed() ? 0 : grid.getDisplayedRowCount();
      if (gone || !rows || !order || !box.classList.contains("ag-body-viewport")) { return; }
      var height = grid.getSizesForCurrentTheme().rowHeight, way = Math.max(1, box.scrollHeight - box.clientHeight);
      // the longest lists are longer than a page may be high: there a pixel stands for more than one
      var top = box.scrollTop / way * Math.max(0, rows * height - box.clientHeight);
      coming = { first: Math.floor(top / height), last: Math.min(rows - 1, Math.floor((top + box.clientHeight) / height)) };
      for (var start = coming.first - coming.first % BLOCK; start <= coming.last; start += BLOCK) { early(start); }
      next();
    }

    function early(start) {
      var node = grid.getDisplayedRowAtIndex(Math.max(start, coming.first));  // the grid begins to wait for the block by this
      if (!node || node.data || open.some(function (item) { return item.start === start; })) { return; }
      var item = put(start, null);
      window.setTimeout(function () { if (!item.params) { callOff(item); forget(item); } }, EARLY_MS);
    }

    return {
      next: next,
      scrolled: scrolled,
      drawn: function () { coming = null; next(); },
      getRows: function (params) {
        order = params.sortModel;
        var asked = question(), before = open.filter(function (item) { return item.start === params.startRow && !item.params && item.question === asked; })[0];
        open = open.filter(function (item) {
          var stays = item === before || item.question === asked && item.start !== params.startRow;
          if (!stays) { callOff(item); }
          return stays;
        });
        if (before) { before.params = params; } else { put(params.startRow, params); }
        // The grid names all blocks it draws in one go; which of them is in view is known after.
        Promise.resolve().then(function () { if (before) { deliver(before); } next(); });
      },
      destroy: function () { gone = true; window.clearTimeout(pause); open.forEach(callOff); open = []; }
    };
  }

  /* Dash's component puts a source of its own into each grid it has made; what came before it would be thrown away. */
  function takeOver(grid, source) {
    if (grid.isDestroyed()) { return; }
    if (grid.getGridOption("datasource")) { grid.setGridOption("datasource", source); } else { window.setTimeout(takeOver, 0, grid, source); }
  }

  dash.gridRows = {
    /* A grid that has just come into the page gets its rows from here. */
    feed: function (name, search) {
      searches[name] = search || window.location.search;
      window.dash_ag_grid.getApiAsync(name).then(function (grid) {
        if (feeds[name] === grid) { return; }
        feeds[name] = grid;
        var source = feed(name, grid);
        document.getElementById(name).addEventListener("scroll", source.scrolled, true);
        grid.addEventListener("bodyScroll", function (event) { if (event.direction === "vertical") { source.drawn(); } });
        grid.addEventListener("modelUpdated", source.drawn);
        takeOver(grid, source);
      });
      return dash.no_update;
    }
  };
}());
