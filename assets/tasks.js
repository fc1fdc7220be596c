/* The page of tasks: its rows are walked and worked by single keys, whatever the keyboard's language. */
(function () {
  "use strict";
  var dash = (window.dash_clientside = window.dash_clientside || {});
  var KEYS = { KeyC: "done", Enter: "done", KeyT: "tomorrow", KeyW: "week" };
  var place = null;       // the index of the row that was worked: the next one takes its place
  var opened = false;     // the dialog's first field has been given the focus

  function rows() { return Array.prototype.slice.call(document.querySelectorAll("#tasks-lists [data-task]")); }

  function go(index) {
    var all = rows();
    if (all.length) { all[Math.max(0, Math.min(index, all.length - 1))].focus(); }
  }

  function ask(row, what) {
    if (!document.querySelector("#tasks-lists[data-writable]")) { return; }
    place = rows().indexOf(row);
    dash.set_props("tasks-act", {
      data: { do: what, id: Number(row.dataset.task), version: Number(row.dataset.version), at: Date.now() }
    });
  }

  var pressed = 0;

  function press(id) {
    if (id !== "tasks-add" && Date.now() - pressed < 600) { return; }
    pressed = Date.now();
    // A field hands its text over when it is left.
    if (document.activeElement) { document.activeElement.blur(); }
    window.setTimeout(function () { var it = document.getElementById(id); if (it) { it.click(); } }, 30);
  }

  document.addEventListener("keydown", function (event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || !document.getElementById("tasks-lists")) { return; }
    var target = event.target;
    if (target.closest(".modal")) {
      if (!document.getElementById("tasks-dialog-body")) { return; }
      if (event.key === "Escape") { event.preventDefault(); press("tasks-no"); }
      if (event.key === "Enter" && target.tagName !== "BUTTON") { event.preventDefault(); press("tasks-yes"); }
      return;
    }
    if (target.id === "tasks-new-text" && event.key === "Enter") { event.preventDefault(); press("tasks-add"); return; }
    if (target.closest("input, textarea, select, button, a, [role='combobox'], [contenteditable]")) { return; }
    var row = target.closest("[data-task]"), index = row ? rows().indexOf(row) : -1;
    if (event.key === "ArrowDown" || event.code === "KeyJ") { event.preventDefault(); go(index + 1); return; }
    if (event.key === "ArrowUp" || event.code === "KeyK") { event.preventDefault(); go(index - 1); return; }
    if (event.code === "KeyN") {
      var field = document.getElementById("tasks-new-text");
      if (field) { event.preventDefault(); field.focus(); }
      return;
    }
    var what = KEYS[event.code] || (event.key === "Enter" ? "done" : null);
    if (row && what && !event.repeat) { event.preventDefault(); ask(row, what); }
  });

  document.addEventListener("click", function (event) {
    var button = event.target.closest("[data-task-do]");
    if (button) { ask(button.closest("[data-task]"), button.dataset.taskDo); }
  });

  new MutationObserver(function () {
    var body = document.getElementById("tasks-dialog-body");
    if (body) {
      if (!opened) { opened = true; window.setTimeout(function () { var it = document.getElementById("tasks-outcome"); if (it) { it.focus(); } }, 60); }
      return;
    }
    opened = false;
    if (place === null || !document.getElementById("tasks-lists")) { return; }
    var active = document.activeElement;
    if (!active || active === document.body) { go(place); }
  }).observe(document.documentElement, { childList: true, subtree: true });
}());
