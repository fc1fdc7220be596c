/* The bell: opened and closed, walked by arrows, what is clicked becomes read. */
(function () {
  "use strict";
  var dash = (window.dash_clientside = window.dash_clientside || {});

  function part(id) { return document.getElementById(id); }
  function isOpen() { var panel = part("bell-panel"); return Boolean(panel) && !panel.hidden; }
  function stops() {
    return Array.prototype.slice.call(document.querySelectorAll("#bell-panel a, #bell-panel button"));
  }

  function open(on, back) {
    var panel = part("bell-panel"), button = part("bell");
    if (!panel || panel.hidden === !on) { return; }
    panel.hidden = !on;
    button.setAttribute("aria-expanded", String(on));
    if (on) { (document.querySelector("#bell-panel .bell-row") || panel).focus(); }
    if (!on && back) { button.focus(); }
  }

  function tell(what, id) { dash.set_props("bell-act", { data: { do: what, id: Number(id), at: Date.now() } }); }

  document.addEventListener("click", function (event) {
    var target = event.target;
    if (target.closest("#bell")) { open(!isOpen(), true); return; }
    var mark = target.closest("[data-bell-mark]"), all = target.closest("[data-bell-all]"), row = target.closest("[data-bell-read]");
    if (mark || all) {
      tell(mark ? "one" : "all", mark ? mark.dataset.bellMark : all.dataset.bellAll);
      // What was clicked goes away: the focus stays in the list.
      window.setTimeout(function () { if (isOpen() && !part("bell-panel").contains(document.activeElement)) { part("bell-panel").focus(); } }, 300);
    } else if (row) {
      tell("one", row.dataset.bellRead);
      open(false, false);
    } else if (isOpen() && !target.closest("#bell-panel")) {
      open(false, false);
    }
  });

  document.addEventListener("keydown", function (event) {
    if (!isOpen()) { return; }
    if (event.key === "Escape") { event.preventDefault(); event.stopPropagation(); open(false, true); return; }
    if (event.key === "Tab" && !event.target.closest(".bell")) { open(false, false); return; }
    if (event.key !== "ArrowDown" && event.key !== "ArrowUp") { return; }
    var all = stops(), at = all.indexOf(document.activeElement), step = event.key === "ArrowDown" ? 1 : -1;
    event.preventDefault();
    if (all.length) { all[Math.max(0, Math.min(at + step, all.length - 1))].focus(); }
  }, true);
}());
