/* The dashboard's hands: menus of panels and marks, days brushed over a chart of time, moving, full screen. */
(function () {
  "use strict";
  var clientside = (window.dash_clientside = window.dash_clientside || {});
  var texts = null, open = null;

  function text(key) {
    var holder = document.getElementById("overview-texts");
    if (!texts && holder) { texts = JSON.parse(holder.dataset.texts); }
    return (texts || {})[key] || key;
  }

  function send(name, data) {
    data.at = Date.now();
    clientside.set_props("overview-" + name, { data: data });
  }

  function onPage(node) { return node && node.closest && node.closest("[data-page='overview']"); }

  /* ---- one small menu at a time, for the mouse and for the keys ---- */
  function closeMenu(back) {
    if (!open) { return; }
    var from = open.from;
    open.box.remove();
    from.setAttribute("aria-expanded", "false");
    open = null;
    if (back) { from.focus(); }
  }

  function item(label, icon, act) {
    var button = document.createElement("button"), picture = document.createElement("i");
    button.type = "button";
    button.className = "dropdown-item";
    button.setAttribute("role", "menuitem");
    button.tabIndex = -1;
    picture.className = "i i-s i-" + icon;
    picture.setAttribute("aria-hidden", "true");
    button.append(picture, label);
    button.addEventListener("click", function () { closeMenu(true); act(); });
    return button;
  }

  function showMenu(from, items, x, y) {
    closeMenu(false);
    var box = document.createElement("div");
    box.className = "dropdown-menu show mark-menu";
    box.setAttribute("role", "menu");
    box.setAttribute("aria-label", from.getAttribute("aria-label") || from.title || "");
    items.forEach(function (one) { box.append(item(one[0], one[1], one[2])); });
    (document.fullscreenElement || document.body).append(box);
    box.style.left = Math.max(8, Math.min(x, window.innerWidth - box.offsetWidth - 8)) + "px";
    box.style.top = Math.max(8, Math.min(y, window.innerHeight - box.offsetHeight - 8)) + "px";
    open = { box: box, from: from };
    from.setAttribute("aria-expanded", "true");
    box.firstChild.focus();
  }

  function panelMenu(button) {
    var slot = button.closest("[data-panel]"), place = button.getBoundingClientRect(), name = slot.dataset.panel;
    var title = slot.querySelector("h2").textContent, full = slot.classList.contains("is-full"), items = [];
    var rows = slot.querySelector("[data-panel-rows]");
    if (rows) { items.push([text("rows"), "table", function () { fullScreen(slot, false); window.dash_clientside.crm.rows(rows); }]); }
    items.push([text(full ? "small" : "full"), "monitor", function () { fullScreen(slot, !full); button.focus(); }]);
    items.push(["PNG", "download", function () { window.crmPicture.save(slot, title, "png"); }]);
    items.push(["SVG", "download", function () { window.crmPicture.save(slot, title, "svg"); }]);
    items.push(["CSV", "table", function () { window.location.assign("/files/panel/" + name + ".csv" + window.location.search); }]);
    showMenu(button, items, place.right - 180, place.bottom + 4);
  }

  function markMenu(mark, x, y) {
    var crm = window.dash_clientside.crm, data = mark.dataset, items = [];
    var picked = mark.getAttribute("aria-pressed");
    if (data.pick) {
      items.push([text(picked === "true" ? "unpick" : "only"), "filter", function () { crm.pick(mark, data.pick, false); }]);
      items.push([text(picked === "mixed" ? "include" : "exclude"), "minus", function () { crm.pick(mark, data.pick, true); }]);
    }
    if (data.rows !== undefined) { items.push([text("rows"), "table", function () { crm.rows(mark); }]); }
    if (items.length) { showMenu(mark, items, x, y); }
  }

  document.addEventListener("contextmenu", function (event) {
    var mark = event.target.closest("[data-pick], [data-rows]");
    if (!mark || !onPage(mark)) { return; }
    event.preventDefault();
    var place = mark.getBoundingClientRect();
    markMenu(mark, event.clientX || place.left + 16, event.clientY || place.bottom);
  });

  document.addEventListener("pointerdown", function (event) {
    if (open && !open.box.contains(event.target)) { closeMenu(false); }
  });

  document.addEventListener("keydown", function (event) {
    if (!open) { return; }
    var items = Array.prototype.slice.call(open.box.children), at = items.indexOf(document.activeElement);
    var steps = { ArrowDown: 1, ArrowUp: -1 };
    if (event.key === "Escape" || event.key === "Tab") { closeMenu(true); }
    else if (steps[event.key]) { items[(at + steps[event.key] + items.length) % items.length].focus(); }
    else if (event.key === "Home") { items[0].focus(); }
    else if (event.key === "End") { items[items.length - 1].focus(); }
    else { return; }
    event.preventDefault();
    event.stopPropagation();
  }, true);

  /* ---- full screen: a panel over the page, the page over the frame ---- */
  function fullScreen(slot, wanted) {
    document.querySelectorAll(".slot.is-full").forEach(function (other) { other.classList.remove("is-full"); });
    if (wanted) { slot.classList.add("is-full"); }
    document.documentElement.classList.toggle("has-full", Boolean(wanted));
    window.dispatchEvent(new Event("resize"));
  }

  function wall(wanted) {
    document.documentElement.classList.toggle("wall", wanted);
    if (wanted && document.documentElement.requestFullscreen) {
      document.documentElement.requestFullscreen().catch(function () { /* refused: the page alone takes the window */ });
    } else if (!wanted && document.fullscreenElement) { document.exitFullscreen(); }
    window.dispatchEvent(new Event("resize"));
  }

  document.addEventListener("fullscreenchange", function () { if (!document.fullscreenElement) { wall(false); } });

  /* ---- clicks ---- */
  document.addEventListener("click", function (event) {
    var target = event.target.closest("[data-panel-menu], [data-wall], [data-edit], [data-board]");
    // The editor and the gallery hang beside the page, not in it.
    if (!target || target.disabled || !document.querySelector("[data-page='overview']")) { return; }
    var data = target.dataset;
    if (data.panelMenu !== undefined) { if (open && open.from === target) { closeMenu(true); } else { panelMenu(target); } }
    else if (data.wall !== undefined) { wall(!document.documentElement.classList.contains("wall")); }
    else if (data.edit !== undefined) { edit(target, data.edit, data.value); }
    else { send("board-do", { do: data.board, id: Number(data.id), number: Number(data.number), stamp: data.stamp || "" }); }
  });

  /* ---- the editor: what is shown, in which order and size ---- */
  function edit(node, what, value) {
    var row = node.closest("[data-row]");
    send("edit", { do: what, row: row.dataset.row, value: value || "" });
  }

  document.addEventListener("keydown", function (event) {
    var row = event.target.closest && event.target.closest("[data-row]");
    if (row && event.altKey && (event.key === "ArrowUp" || event.key === "ArrowDown")) {
      event.preventDefault();
      edit(row, event.key === "ArrowUp" ? "up" : "down");
    } else if (event.key === "Escape" && !open && !document.querySelector(".modal.show, .offcanvas.show")) {
      var full = document.querySelector(".slot.is-full");
      if (full) { fullScreen(full, false); full.querySelector("[data-panel-menu]").focus(); }
      else if (document.documentElement.classList.contains("wall")) { wall(false); }
    }
  });

  var dragged = null;
  document.addEventListener("dragstart", function (event) {
    dragged = event.target.closest && event.target.closest("[data-row]");
    if (dragged) { event.dataTransfer.effectAllowed = "move"; event.dataTransfer.setData("text/plain", dragged.dataset.row); dragged.classList.add("dragged"); }
  });
  document.addEventListener("dragover", function (event) {
    var row = dragged && event.target.closest("[data-row]");
    document.querySelectorAll(".drop-here").forEach(function (other) { other.classList.remove("drop-here"); });
    if (!row || row === dragged || kind(row) !== kind(dragged)) { return; }
    event.preventDefault();
    row.classList.add("drop-here");
  });
  document.addEventListener("drop", function (event) {
    var row = dragged && event.target.closest("[data-row]");
    if (!row || row === dragged || kind(row) !== kind(dragged)) { return; }
    event.preventDefault();
    edit(dragged, "to", row.dataset.row);
  });
  document.addEventListener("dragend", function () {
    document.querySelectorAll(".drop-here, .dragged").forEach(function (row) { row.classList.remove("drop-here", "dragged"); });
    dragged = null;
  });
  function kind(row) { return row.dataset.row.split(":")[0]; }

  /* ---- a chart of time: dragging or Shift+arrows brush days, which become the period ---- */
  var brush = null, brushed = false;

  function columns(chart) { return Array.prototype.slice.call(chart.querySelectorAll("[data-from]")); }

  function paint(chart, first, last) {
    columns(chart).forEach(function (column, index) {
      column.classList.toggle("brushed", first !== null && index >= Math.min(first, last) && index <= Math.max(first, last));
    });
  }

  function brushDone(chart, first, last) {
    var all = columns(chart);
    paint(chart, null, null);
    send("pick", { from: all[Math.min(first, last)].dataset.from, to: all[Math.max(first, last)].dataset.to });
  }

  function columnAt(chart, x) {
    var all = columns(chart), at = 0;
    all.forEach(function (column, index) { if (x >= column.getBoundingClientRect().left) { at = index; } });
    return at;
  }

  document.addEventListener("pointerdown", function (event) {
    var chart = event.target.closest && event.target.closest("[data-time]");
    brushed = false;
    if (!chart || event.button || event.pointerType === "touch" || !columns(chart).length) { return; }
    brush = { chart: chart, x: event.clientX, first: columnAt(chart, event.clientX), moving: false };
  });
  document.addEventListener("pointermove", function (event) {
    if (!brush) { return; }
    if (!brush.moving && Math.abs(event.clientX - brush.x) < 8) { return; }
    brush.moving = true;
    brush.last = columnAt(brush.chart, event.clientX);
    paint(brush.chart, brush.first, brush.last);
  });
  document.addEventListener("pointerup", function () {
    if (brush && brush.moving) { brushed = true; brushDone(brush.chart, brush.first, brush.last); }
    brush = null;
  });
  document.addEventListener("click", function (event) {  // the click that ends a drag is not a click on a mark
    if (brushed && event.target.closest("[data-time]")) { event.stopPropagation(); event.preventDefault(); }
    brushed = false;
  }, true);

  document.addEventListener("keydown", function (event) {
    var column = event.target.closest && event.target.closest("[data-time] [data-from]");
    if (brush && event.key === "Escape") { paint(brush.chart, null, null); brush = null; return; }
    if (!column || event.altKey || event.ctrlKey || event.metaKey) { return; }
    var chart = column.closest("[data-time]"), all = columns(chart), at = all.indexOf(column);
    var next = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: all.length - 1 }[event.key];
    var start = chart.brushStart;
    if (next !== undefined) {
      next = Math.max(0, Math.min(all.length - 1, next));
      chart.brushStart = event.shiftKey ? (start === undefined || start === null ? at : start) : null;
      paint(chart, event.shiftKey ? chart.brushStart : null, next);
      all.forEach(function (one, index) { one.tabIndex = index === next ? 0 : -1; });
      all[next].focus();
    } else if ((event.key === "Enter" || event.key === " ") && typeof start === "number" && !event.shiftKey) {
      chart.brushStart = null;
      brushDone(chart, start, at);
    } else if (event.key === "Escape" && typeof start === "number") {
      chart.brushStart = null;
      paint(chart, null, null);
    } else { return; }
    event.preventDefault();
    event.stopPropagation();
  }, true);

  /* ---- panels that take longer: asked for when all else is painted, those in sight first, the others one by one when
     nothing was clicked for a while: none of them makes the next click wait ---- */
  var QUIET = 2500, NEAR = 200, LOST = 15000;
  var wanted = {}, asked = 0, clicked = 0, timer = null, sight = null;

  function lateSlots() { return Array.prototype.slice.call(document.querySelectorAll("[data-page='overview'] [data-late]")); }

  function nameOf(slot) { return slot.dataset.lateName || slot.dataset.panel; }

  function nextLate() {
    var quiet = Date.now() - clicked >= QUIET;
    var open = lateSlots().filter(function (slot) { return wanted[nameOf(slot)]; });
    var whole = open.filter(function (slot) { return slot.dataset.late !== "more"; });  // the rest of a card comes last
    var seen = whole.filter(function (slot) {
      var place = slot.getBoundingClientRect();
      return place.width && place.bottom > -NEAR && place.top < window.innerHeight + NEAR;
    });
    var names = (seen.length || !quiet ? seen : whole.length ? whole.slice(0, 1) : open).map(nameOf);
    window.clearTimeout(timer);
    if (open.length > names.length) { timer = window.setTimeout(moreLate, QUIET); }
    names.forEach(function (name) { delete wanted[name]; });
    asked = names.length ? Date.now() : 0;
    return { names: names, at: Date.now() };
  }

  function moreLate() {
    if (asked && Date.now() - asked < LOST) { return; }  // one answer at a time; one that never came is not waited for
    var next = nextLate();
    if (next.names.length) { clientside.set_props("overview-late-wanted", { data: next }); }
  }

  function settle() {
    wanted = {};
    clicked = Date.now();
    sight = sight || new window.IntersectionObserver(function () { window.setTimeout(moreLate, 50); }, { rootMargin: NEAR + "px" });
    sight.disconnect();
    lateSlots().forEach(function (slot) { wanted[nameOf(slot)] = true; sight.observe(slot); });
    return [clicked, nextLate()];
  }

  /* ---- files that are ready ---- */
  clientside.dashboard = {
    /* When what has just come stands on the screen. A tab that is not seen has no frames: it does not wait for one. */
    settled: function () {
      return new Promise(function (done) {
        function told() { window.setTimeout(function () { done(settle()); }, 0); }
        if (document.hidden) { told(); } else { window.requestAnimationFrame(told); }
      });
    },
    edited: function (search, open) { return open ? search || "" : clientside.no_update; },
    late: function (panels) {
      asked = 0;
      window.crm_late(panels);
      window.setTimeout(function () {  // what has come may itself want more
        lateSlots().forEach(function (slot) { if (slot.dataset.late === "more") { wanted[nameOf(slot)] = true; } });
        moreLate();
      }, 50);
      return clientside.no_update;
    },
    fetch: function (address) {
      if (address) { window.location.assign(address); }
      return clientside.no_update;
    },
    share: function (clicks, query) {
      if (!clicks) { return clientside.no_update; }
      return navigator.clipboard.writeText(window.location.origin + "/" + (query || "")).then(function () { return clicks; });
    }
  };
}());
