/* The search over everything: the panel below the frame's field. One question is under way at a time; the next one
   asks what stands in the field by then, and an answer older than the one shown is dropped. */
(function () {
  "use strict";
  var dash = (window.dash_clientside = window.dash_clientside || {});
  var STAY_MS = 800;
  var number = 0, shownNumber = 0, underway = 0, wanted = null, watchdog = 0, again = 0, active = -1, before = null;
  var GIVE_UP_MS = 5000, AGAIN_MS = 700, KEYS_MS = 1200;

  function field() { return document.getElementById("frame-search"); }
  function panel() { return document.getElementById("search-panel"); }
  function list() { return document.getElementById("search-list"); }
  function options() { return list() ? Array.prototype.slice.call(list().querySelectorAll("[role=option]")) : []; }
  function isOpen() { return Boolean(panel()) && !panel().hidden; }

  function make(tag, className, text) {
    var made = document.createElement(tag);
    if (className) { made.className = className; }
    if (text) { made.textContent = text; }
    return made;
  }

  /* ---- asking ---- */
  function ask() {
    var text = field().value.trim();
    wanted = null;
    if (underway) { wanted = text; return; }
    underway = ++number;
    window.clearTimeout(watchdog);
    watchdog = window.setTimeout(settled, GIVE_UP_MS);
    panel().classList.add("is-waiting");
    var seq = underway;
    // Past Dash: its stores would take longer on the way there and back than the answer itself.
    window.crmAsk.post("/_search", { text: text }).then(function (told) {
      if (!told.ok) { throw new Error(String(told.status)); }  // said where all requests are watched
      return told.json();
    }).then(function (answer) { show(seq, answer); }, function () { if (seq === underway) { settled(); } });
  }

  function settled() {
    underway = 0;
    window.clearTimeout(watchdog);
    if (panel()) { panel().classList.remove("is-waiting"); }
    if (wanted !== null && isOpen()) { ask(); }
  }

  function show(seq, answer) {
    if (seq === underway) { settled(); }
    if (seq > shownNumber && isOpen()) {
      shownNumber = seq;
      draw(answer);
      window.clearTimeout(again);
      if (answer.again) { again = window.setTimeout(function () { if (isOpen() && !underway) { ask(); } }, AGAIN_MS); }
    }
  }

  /* ---- drawing: text nodes only ---- */
  function pieces(place, parts) {
    parts.forEach(function (part) { place.appendChild(part[1] ? make("mark", "", part[0]) : document.createTextNode(part[0])); });
    return place;
  }

  function option(row, index) {
    var made = make("a", "search-option");
    made.id = "search-option-" + index;
    made.href = row.href;
    made.tabIndex = -1;
    made.setAttribute("role", "option");
    made.setAttribute("aria-selected", "false");
    made.dataset.inside = "";
    var icon = made.appendChild(make("i", "i i-" + row.icon));
    icon.setAttribute("aria-hidden", "true");
    var body = made.appendChild(make("span", "search-body"));
    pieces(body.appendChild(make("span", "search-title cut")), row.title);
    if (row.about && row.about.length) {
      var about = body.appendChild(make("span", "search-about cut"));
      row.about.forEach(function (parts, at) {
        if (at) { about.appendChild(document.createTextNode(" · ")); }
        pieces(about, parts);
      });
    }
    if (row.right) { made.appendChild(make("span", "search-right", row.right)); }
    return made;
  }

  function draw(answer) {
    var place = list(), index = 0, chosen = active > 0 && answer.text === place.dataset.text ? active : 0;
    place.dataset.text = answer.text;
    place.textContent = "";
    answer.groups.forEach(function (group, at) {
      var box = place.appendChild(make("div", "search-group"));
      var head = box.appendChild(make("div", "search-head", group.title));
      head.id = "search-group-" + at;
      box.setAttribute("role", "group");
      box.setAttribute("aria-labelledby", head.id);
      group.rows.forEach(function (row) { box.appendChild(option(row, index++)); });
      if (group.more) {
        var more = box.appendChild(option({ href: group.more.href, icon: "arrow-right", title: [[group.more.text, false]] }, index++));
        more.classList.add("search-more");
        more.setAttribute("aria-label", group.more.text + ": " + group.title);
      }
    });
    panel().querySelector(".search-status").textContent = answer.status;
    var empty = panel().querySelector(".search-empty");
    empty.textContent = "";
    (answer.empty || []).forEach(function (text, at) { if (text) { empty.appendChild(make("div", at ? "t2 sm" : "b5", text)); } });
    choose(Math.min(chosen, options().length - 1), false);
  }

  function choose(index, scroll) {
    active = index;
    options().forEach(function (item, at) {
      item.setAttribute("aria-selected", at === index ? "true" : "false");
      if (at === index && scroll) { item.scrollIntoView({ block: "nearest" }); }
    });
    if (index >= 0 && options().length) { field().setAttribute("aria-activedescendant", "search-option-" + index); }
    else { field().removeAttribute("aria-activedescendant"); }
  }

  /* ---- opening and closing ---- */
  function describe() {
    var input = field();
    input.setAttribute("role", "combobox");
    input.setAttribute("aria-autocomplete", "list");
    input.setAttribute("aria-controls", "search-list");
    input.setAttribute("aria-haspopup", "listbox");
    input.setAttribute("aria-expanded", isOpen() ? "true" : "false");
  }

  function open() {
    if (!panel() || isOpen()) { return; }
    panel().hidden = false;
    active = -1;
    describe();
    ask();
  }

  function close() {
    if (!isOpen()) { return; }
    panel().hidden = true;
    wanted = null;
    shownNumber = number;
    window.clearTimeout(again);
    field().removeAttribute("aria-activedescendant");
    describe();
  }

  document.addEventListener("focusin", function (event) {
    if (event.target === field()) {
      if (event.relatedTarget) { before = event.relatedTarget; }
      open();
    } else if (isOpen() && !panel().contains(event.target)) { close(); }
  });
  document.addEventListener("mousedown", function (event) {
    if (event.target === field()) { open(); return; }
    if (isOpen() && !panel().contains(event.target)) { close(); }
  });
  // The field keeps the focus while one clicks in the panel.
  document.addEventListener("mousedown", function (event) { if (isOpen() && panel().contains(event.target)) { event.preventDefault(); } }, true);
  document.addEventListener("input", function (event) { if (event.target === field()) { open(); ask(); } });
  document.addEventListener("click", function (event) {
    var chosen = event.target.closest && event.target.closest(".search-option");
    if (chosen && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
      close();
      field().blur();
      dash.set_props("frame-search", { value: "" });
    }
  });
  window.addEventListener("popstate", close);

  function move(event) {
    var count = options().length, step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!count) { return; }
    event.preventDefault();
    choose((active + step + count) % count, true);
  }

  function enter(event) {
    var chosen = options()[active];
    if (!isOpen() || !chosen || event.isComposing) { return; }
    event.preventDefault();
    if (underway && field().value.trim() !== list().dataset.text) {  // Enter was quicker than the answer: it waits for it.
      var text = field().value.trim(), tries = 0;
      (function later() {
        if (list().dataset.text === text && options().length) { options()[0].click(); }
        else if (isOpen() && tries++ < 100) { window.setTimeout(later, 20); }
      }());
      return;
    }
    if (event.ctrlKey || event.metaKey) { window.open(chosen.href, "_blank", "noopener"); } else { chosen.click(); }
  }

  document.addEventListener("keydown", function (event) {
    if (event.target !== field()) { return; }
    if (event.key === "ArrowDown" || event.key === "ArrowUp") { if (isOpen()) { move(event); } else { open(); } }
    else if (event.key === "Enter") { enter(event); }
    else if (event.key === "Escape" && isOpen()) {
      event.preventDefault();
      event.stopPropagation();
      close();
      if (before && document.contains(before)) { before.focus(); } else { field().blur(); }
    }
  }, true);
  document.addEventListener("keydown", function (event) {
    if ((event.ctrlKey || event.metaKey) && event.code === "KeyK" && document.activeElement === field()) { open(); }
  });

  /* ---- g c, g d …: go to a room; n: something new. By the key's place, so on every layout. ---- */
  var ROOMS = { KeyO: "/", KeyC: "/clients", KeyD: "/deals", KeyB: "/deals/board", KeyT: "/tasks", KeyP: "/products", KeyR: "/reports", KeyS: "/settings" };
  var awaited = 0;

  function go(href) {
    window.history.pushState({}, "", href);
    window.dispatchEvent(new CustomEvent("_dashprivate_pushstate"));
    window.scrollTo(0, 0);
  }

  function isRoom(href) {
    return Boolean(document.querySelector("#frame-rail a[href='" + href + "']")) || href === "/deals/board" && isRoom("/deals");
  }

  function isBusy(event) {
    return event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey
      || event.target.closest("input, textarea, select, [contenteditable], .ag-cell-inline-editing, .modal, [role=dialog]")
      || document.querySelector(".modal.show");
  }

  function makeNew() {
    var path = window.location.pathname, own = document.querySelector("[data-new]");
    if (own) { own.click(); return; }  // the page has a form of its own
    var link = document.querySelector("a[href='" + (path.indexOf("/deals") === 0 ? "/deals" : "/clients") + "?new=1']");
    if ((path.indexOf("/deals") === 0 || path.indexOf("/clients") === 0) && link) { go(link.getAttribute("href")); return; }
    var menu = document.querySelector("#frame-create button, button#frame-create");
    if (menu) {
      menu.click();
      window.setTimeout(function () {
        var first = document.querySelector("#frame-create .dropdown-item, .dropdown-menu.show .dropdown-item");
        if (first) { first.focus(); }
      }, 50);
    }
  }

  document.addEventListener("keydown", function (event) {
    if (!field() || isBusy(event)) { awaited = 0; return; }
    if (awaited && Date.now() - awaited < KEYS_MS) {
      awaited = 0;
      var href = ROOMS[event.code];
      if (href && isRoom(href)) { event.preventDefault(); go(href); }
      return;
    }
    awaited = 0;
    if (event.target.closest(".ag-root-wrapper")) { return; }
    if (event.code === "KeyG") { awaited = Date.now(); }
    else if (event.code === "KeyN") { event.preventDefault(); makeNew(); }
  });

  /* What one stays at is remembered; while the page is still coming, the server has better to do. */
  function stay(path) {
    window.setTimeout(function () { if (window.location.pathname === path) { dash.set_props("search-seen", { data: path }); } }, STAY_MS);
    return dash.no_update;
  }

  dash.search = { stay: stay };
}());
