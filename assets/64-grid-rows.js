/* Rows of a grid, fetched by the grid itself: what is in view first, what is out of view again called off and kept for later. */
(function () {
  "use strict";
  var dash = (window.dash_clientside = window.dash_clientside || {});
  var shared = (window.crmGrids = window.crmGrids || { rows: {}, ranges: {} });

  var AHEAD = 50;        // rows beyond the view that are fetched, too: half a block, as the grid reads ahead
  var AT_ONCE = 2;       // the server's share of one person
  var PACE_MS = 40;      // who drags the bar through a million rows asks for one place after another
  var AGAIN_MS = 2000;   // after the server was not there
  var MOST = 60;         // three times what the grid keeps: older ones it has forgotten itself

  var searches = {}, feeds = {};

  function cookie(name) {
    var found = document.cookie.split("; ").filter(function (part) { return part.indexOf(name + "=") === 0; })[0];
    return found ? decodeURIComponent(found.slice(name.length + 1)) : "";
  }

  /* The address the grid stands under, as the page has been told it: its filter is the question. */
  shared.asked = function (id, search) { searches[id] = search || ""; };

  /* One grid's blocks that have not come yet. The grid waits for each of them as long as it takes:
     a block that was told to have failed would stay empty for good. */
  function feed(id, grid) {
    var open = [], gone = false, pause = 0, lastAsked = 0;

    function near(params, by) {
      var first = Math.max(0, grid.getFirstDisplayedRowIndex()), last = Math.max(first, grid.getLastDisplayedRowIndex());
      return params.startRow <= last + by && params.endRow > first - by;
    }
    function forget(item) { open = open.filter(function (other) { return other !== item; }); }
    function callOff(item) { if (item.abort) { item.abort.abort(); item.abort = null; } }
    function later(wait) {
      window.clearTimeout(pause);
      pause = window.setTimeout(next, wait);
    }

    function next() {
      if (gone || grid.isDestroyed()) { return; }
      open.forEach(function (item) { if (item.abort && !near(item.params, AHEAD)) { callOff(item); } });
      // What is only near waits until all that is in view has come: side by side both would come later.
      var by = open.some(function (item) { return near(item.params, 0); }) ? 0 : AHEAD;
      var wanted = open.filter(function (item) { return !item.abort && near(item.params, by); });
      var room = AT_ONCE - open.filter(function (item) { return item.abort; }).length, early = PACE_MS - (Date.now() - lastAsked);
      if (!wanted.length || room <= 0) { return; }
      if (early > 0) { later(early); return; }
      wanted.sort(function (one, other) { return other.at - one.at; });
      lastAsked = Date.now();
      wanted.slice(0, room).forEach(ask);
    }

    function ask(item) {
      var abort = item.abort = new AbortController(), page = id.replace(/-grid$/, "");
      window.fetch("/_grids/" + page + "/rows", {
        method: "POST", signal: abort.signal, credentials: "same-origin",
        headers: { "Content-Type": "application/json", "X-CSRFToken": cookie("_csrf_token") },
        body: JSON.stringify({
          startRow: item.params.startRow, endRow: item.params.endRow, sortModel: item.params.sortModel, search: searches[id]
        })
      }).then(function (answer) {
        // Said already in words where all requests are watched. A refusal leaves the list empty, as it is nobody's to see.
        if (answer.ok) { return answer.json(); }
        // The banner leads to the sign-in and back; who signs in in another tab finds the rows here, too.
        if (answer.status === 401 || answer.status >= 502) { throw new Error("not there: " + answer.status); }
        return { rows: [], total: 0 };
      }).then(function (found) {
        if (item.abort !== abort || gone) { return; }
        forget(item);
        item.params.successCallback(found.rows, found.total);
        next();
      }).catch(function (error) {
        if (item.abort !== abort) { return; }  // called off: it waits for its turn
        item.abort = null;
        if (!error || error.name !== "AbortError") { lastAsked = Date.now() + AGAIN_MS; later(AGAIN_MS); }
      });
    }

    return {
      next: next,
      getRows: function (params) {
        var question = JSON.stringify([searches[id], params.sortModel]);
        open = open.filter(function (item) {
          var stays = item.question === question && item.params.startRow !== params.startRow;
          if (!stays) { callOff(item); }
          return stays;
        });
        open.push({ params: params, question: question, at: Date.now(), abort: null });
        if (open.length > MOST) { callOff(open.shift()); }
        // The grid names all blocks it draws in one go; which of them is in view is known after.
        Promise.resolve().then(next);
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
        grid.addEventListener("bodyScroll", function (event) { if (event.direction === "vertical") { source.next(); } });
        grid.addEventListener("modelUpdated", source.next);
        takeOver(grid, source);
      });
      return dash.no_update;
    }
  };
}());
