/* The page of tasks: its rows and its calendar are walked and worked by single keys, whatever the keyboard's language;
   a task is dragged to another day; the choice of a next step is handed over with what was typed. */
(function () {
  "use strict";
  var dash = (window.dash_clientside = window.dash_clientside || {});
  var KEYS = { KeyC: "done", Space: "done", KeyT: "tomorrow", KeyW: "week" };
  var ARROWS = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -7, ArrowDown: 7 };
  var wanted = null;    // where the focus goes when the page is drawn again: {index} of a row, {task} or {day} of the calendar
  var shownHeld = null; // the done task whose first choice has had the focus
  var dragged = null;

  function body() { return document.getElementById("tasks-body"); }
  function all(selector) { return Array.prototype.slice.call(document.querySelectorAll("#tasks-body " + selector)); }
  function one(selector) { return document.querySelector("#tasks-body " + selector); }
  function rows() { return all(".tasks-row, .tasks-held"); }
  function isWritable() { return Boolean(document.querySelector("#tasks-body[data-writable]")); }

  function go(index) {
    var found = rows();
    if (!found.length) { return; }
    var row = found[Math.max(0, Math.min(index, found.length - 1))];
    (row.querySelector(".tasks-step") || row).focus();
  }

  function send(data) { dash.set_props("tasks-act", { data: Object.assign({ at: Date.now() }, data) }); }

  function ask(row, what, more) {
    if (!isWritable()) { return; }
    var id = Number(row.dataset.task || row.dataset.held);
    if (what === "open") { dash.set_props("tasks-open", { data: { id: id, at: Date.now() } }); remember(row); return; }
    if (row.dataset.done !== undefined && what !== "reopen") { return; }
    remember(row, what === "move" ? id : null);
    send(Object.assign({ do: what, id: id, version: Number(row.dataset.version) }, more || {}));
  }

  function remember(row, task) {
    var cell = row.closest(".cal-day");
    wanted = cell ? { day: cell.dataset.day, task: task || null } : { index: rows().indexOf(row) };
  }

  /* ---- days ---- */
  function shifted(day, days) {
    var moved = new Date(day + "T12:00:00Z");
    moved.setUTCDate(moved.getUTCDate() + days);
    return moved.toISOString().slice(0, 10);
  }

  function cellOf(day) { return one(".cal-day[data-day='" + day + "']"); }

  function focusCell(cell) {
    all(".cal-day[tabindex='0']").forEach(function (other) { other.tabIndex = -1; });
    cell.tabIndex = 0;
    cell.focus();
  }

  function turn(name, day) {
    var link = one("[data-cal-turn='" + name + "']");
    if (link) { wanted = { day: day, edge: name }; link.click(); }
  }

  /* ---- the choice of a next step ---- */
  function field(held, name) { return held.querySelector("[name='" + name + "']"); }

  function choose(held, pick) {
    var outcome = field(held, "outcome").value;
    if (pick === Number(held.dataset.own)) {
      var own = held.querySelector(".tasks-own");
      own.hidden = false;
      field(held, "text").focus();
      return;
    }
    ask(held, "step", { pick: pick, outcome: outcome });
  }

  function chooseOwn(held) {
    var form = {};
    ["text", "day", "time", "remind"].forEach(function (name) { form[name] = field(held, name).value; });
    if (!form.text.trim()) { field(held, "text").focus(); return; }
    ask(held, "step", { pick: Number(held.dataset.own), outcome: field(held, "outcome").value, form: form });
  }

  function inHeld(event, held) {
    var target = event.target, typing = target.matches("input, select");
    if (event.key === "Escape") { event.preventDefault(); choose(held, 0); return; }
    if (typing && event.key === "Enter") {
      event.preventDefault();
      if (target.closest(".tasks-own")) { chooseOwn(held); } else { choose(held, 1); }
      return;
    }
    if (typing) { return; }
    var steps = Array.prototype.slice.call(held.querySelectorAll(".tasks-step")), at = steps.indexOf(target);
    if (/^Digit[1-9]$/.test(event.code) && Number(event.code.slice(5)) <= steps.length) {
      event.preventDefault();
      choose(held, Number(event.code.slice(5)));
    } else if (at >= 0 && (event.key === "ArrowRight" || event.key === "ArrowLeft")) {
      event.preventDefault();
      steps[(at + (event.key === "ArrowRight" ? 1 : steps.length - 1)) % steps.length].focus();
    } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      go(rows().indexOf(held) + (event.key === "ArrowDown" ? 1 : -1));
    }
  }

  /* ---- the calendar ---- */
  function inCell(event, cell) {
    var step = ARROWS[event.key];
    if (step) {
      event.preventDefault();
      var day = shifted(cell.dataset.day, step), next = cellOf(day);
      if (next) { focusCell(next); } else { turn(step > 0 ? "on" : "back", day); }
    } else if (event.key === "PageUp" || event.key === "PageDown") {
      event.preventDefault();
      turn(event.key === "PageDown" ? "on" : "back", null);
    } else if (event.key === "Enter") {
      var first = cell.querySelector(".cal-task");
      if (first) { event.preventDefault(); first.focus(); }
    }
  }

  function inChip(event, chip) {
    var cell = chip.closest(".cal-day"), chips = Array.prototype.slice.call(cell.querySelectorAll(".cal-task"));
    var at = chips.indexOf(chip), step = ARROWS[event.key];
    if (event.altKey && step) {
      event.preventDefault();
      ask(chip, "move", { day: shifted(cell.dataset.day, step) });
      return;
    }
    if (event.altKey) { return; }
    if (event.key === "ArrowUp" || event.key === "ArrowDown") {
      event.preventDefault();
      var next = chips[at + (event.key === "ArrowDown" ? 1 : -1)];
      if (next) { next.focus(); } else { focusCell(cell); }
    } else if (event.key === "Escape" || event.key === "ArrowLeft" || event.key === "ArrowRight") {
      event.preventDefault();
      focusCell(cell);
    } else { act(event, chip); }
  }

  function act(event, row) {
    var what = event.key === "Enter" || event.code === "KeyE" ? "open" : KEYS[event.code];
    if (what && !event.repeat) { event.preventDefault(); ask(row, what); }
  }

  document.addEventListener("keydown", function (event) {
    if (event.ctrlKey || event.metaKey || event.isComposing || !body()) { return; }
    var target = event.target;
    if (target.closest(".modal")) {
      // The form is sent by Enter from its fields; a field hands its text over when it is left.
      if (event.key === "Enter" && document.getElementById("tasks-dialog-body") && target.matches("input.form-control, select")) {
        event.preventDefault();
        target.blur();
        window.setTimeout(function () { var save = document.getElementById("tasks-save"); if (save) { save.click(); } }, 30);
      }
      return;
    }
    var held = target.closest(".tasks-held"), chip = target.closest(".cal-task"), cell = target.closest(".cal-day");
    if (held) { inHeld(event, held); return; }
    if (chip) { inChip(event, chip); return; }
    if (event.altKey || event.shiftKey) { return; }
    if (cell && target === cell) { inCell(event, cell); return; }
    if (target.closest("input, textarea, select, button, a, [role='combobox'], [contenteditable], [role=dialog]")) { return; }
    var row = target.closest(".tasks-row"), index = row ? rows().indexOf(row) : -1;
    if (event.key === "ArrowDown" || event.code === "KeyJ") { event.preventDefault(); go(index + 1); return; }
    if (event.key === "ArrowUp" || event.code === "KeyK") { event.preventDefault(); go(index - 1); return; }
    if (row) { act(event, row); }
  });

  document.addEventListener("click", function (event) {
    if (!body()) { return; }
    var target = event.target, held = target.closest(".tasks-held");
    var button = target.closest("[data-task-do]"), step = target.closest("[data-step]");
    if (button) { ask(button.closest("[data-task], [data-held]"), button.dataset.taskDo); return; }
    if (held && target.closest("[data-step-own]")) { chooseOwn(held); return; }
    if (held && step) { choose(held, Number(step.dataset.step)); return; }
    if (target.closest("[data-task-all]")) { wanted = { index: 0 }; send({ do: "all_today", id: 0, version: 0 }); return; }
    var chip = target.closest(".cal-task");
    if (chip && !target.closest("a")) { ask(chip, "open"); }
  });

  document.addEventListener("change", function (event) {
    if (!event.target.matches("[data-tasks-whose]")) { return; }
    var query = new URLSearchParams(window.location.search);
    query.set("whose", event.target.value);
    if (!event.target.value) { query.delete("whose"); if (query.get("view") === "team") { query.delete("view"); } }
    address(query);
  });

  /* The address is written through its own component: a push of history would have the whole page made anew. */
  function address(query) { dash.set_props("tasks-address", { search: String(query) ? "?" + query : "" }); }

  document.addEventListener("click", function (event) {
    var link = event.target.closest && event.target.closest("a[data-inside]");
    if (!link || !body() || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey || event.button || link.pathname !== "/tasks") { return; }
    event.preventDefault();
    var query = new URLSearchParams(link.search);
    if (query.has("new") || query.has("task")) {
      dash.set_props("tasks-open", { data: { id: Number(query.get("task") || 0), at: Date.now() } });
    } else { address(query); }
  }, true);

  /* ---- a task is dragged to a day ---- */
  document.addEventListener("dragstart", function (event) {
    dragged = event.target.closest ? event.target.closest("#tasks-body [data-task]") : null;
    if (dragged) { event.dataTransfer.effectAllowed = "move"; event.dataTransfer.setData("text/plain", dragged.dataset.task); }
  });
  function place(event) { return dragged && event.target.closest ? event.target.closest("[data-drop-day]") : null; }
  function unmark() { all(".is-over").forEach(function (cell) { cell.classList.remove("is-over"); }); }
  document.addEventListener("dragover", function (event) {
    var cell = place(event);
    if (!cell) { return; }
    event.preventDefault();
    if (!cell.classList.contains("is-over")) { unmark(); cell.classList.add("is-over"); }
  });
  document.addEventListener("drop", function (event) {
    var cell = place(event);
    if (cell && cell.dataset.dropDay !== dragged.dataset.due) {
      event.preventDefault();
      ask(dragged, "move", { day: cell.dataset.dropDay });
    }
  });
  document.addEventListener("dragend", function () { dragged = null; unmark(); });

  dash.tasks = {
    /* Others' changes are drawn at once, but not over an outcome that is being typed. */
    heard: function (changes) { return one(".tasks-held") ? dash.no_update : changes; }
  };

  /* ---- the page was drawn again: the focus goes where the person worked ---- */
  function settle() {
    var held = one(".tasks-held"), id = held ? held.dataset.held : null;
    if (id !== shownHeld) {
      shownHeld = id;
      if (held) { wanted = null; held.querySelector(".tasks-step").focus(); return; }
    }
    if (!wanted || document.querySelector(".modal.show")) { return; }
    var target = wanted;
    if (target.index !== undefined) {
      wanted = null;
      go(target.index);
      return;
    }
    var chip = target.task ? one(".cal-task[data-task='" + target.task + "']") : null;
    var cell = target.day ? cellOf(target.day) : one(".cal-day:not(.is-out)");
    if (!chip && !cell) { return; }
    wanted = null;
    if (chip) { chip.focus(); } else { focusCell(cell); }
  }

  function isOurs(change) {
    var place = body();
    return Boolean(place) && (place === change.target || place.contains(change.target));
  }

  var opened = false;  // the form's first field has been given the focus
  function begin() {
    var form = document.getElementById("tasks-dialog-body");
    if (form && !opened) { window.setTimeout(function () { var text = document.getElementById("tasks-text"); if (text) { text.focus(); } }, 30); }
    if (!form && opened) { forget(); }
    opened = Boolean(form);
  }

  /* A closed form is no part of the address any more: the same notice may be followed again. */
  function forget() {
    var query = new URLSearchParams(window.location.search);
    if (!body() || !(query.has("new") || query.has("task"))) { return; }
    query.delete("new");
    query.delete("task");
    address(query);
  }

  new MutationObserver(function (changes) {
    begin();
    if (body() && changes.some(isOurs)) { settle(); }
  }).observe(document.documentElement, { childList: true, subtree: true, characterData: true, attributes: true, attributeFilter: ["data-task", "data-day", "data-held"] });
}());
