/* The tabs «Обзор» and «История» of a record, and Ctrl+Z for the reader's last change. */
(function () {
  "use strict";
  var dash = (window.dash_clientside = window.dash_clientside || {});
  var HASH = "#history";

  function wantsHistory() { return window.location.hash === HASH; }

  dash.crmHistory = {
    chooseTab: function (main, history, opened) {
      var pressed = (dash.callback_context.triggered[0] || {}).prop_id || "";
      var open = pressed.indexOf("history-tab.") === 0 ? true : pressed.indexOf("history-tab-main.") === 0 ? false : wantsHistory();
      if (!main && !history) { open = wantsHistory(); }
      var address = window.location.pathname + window.location.search + (open ? HASH : "");
      if (wantsHistory() !== open) { window.history.replaceState(window.history.state, "", address); }
      return [open, !open, open ? "false" : "true", open ? "true" : "false", open ? opened || Date.now() : dash.no_update];
    }
  };

  /* A link to this very page with #history opens the tab without loading anew. */
  window.addEventListener("hashchange", function () {
    var tab = document.getElementById("history-tab") || document.getElementById("client-tab-history");
    if (wantsHistory() && tab && tab.getAttribute("aria-selected") !== "true") { tab.click(); }
  });

  /* Arrows go from tab to tab, as a tab list does. */
  document.addEventListener("keydown", function (event) {
    var tab = event.target.closest && event.target.closest(".record-tab");
    if (!tab || (event.key !== "ArrowRight" && event.key !== "ArrowLeft")) { return; }
    var tabs = Array.prototype.slice.call(tab.parentElement.querySelectorAll(".record-tab"));
    var next = tabs[(tabs.indexOf(tab) + (event.key === "ArrowRight" ? 1 : tabs.length - 1)) % tabs.length];
    event.preventDefault();
    next.focus();
    next.click();
  });

  /* Ctrl+Z outside of fields: the browser's own undo belongs to whoever is typing. */
  document.addEventListener("keydown", function (event) {
    var key = event.key.toLowerCase();
    if (!(event.ctrlKey || event.metaKey) || event.shiftKey || event.altKey || (key !== "z" && key !== "я")) { return; }
    if (event.target.closest("input, textarea, select, [contenteditable], .ag-cell-inline-editing, .modal.show")) { return; }
    if (event.defaultPrevented || !dash.set_props || !document.getElementById("frame-rail")) { return; }
    event.preventDefault();
    dash.set_props("history-undo-last", { data: Date.now() });
  });
}());
