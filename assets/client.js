/* The client page: its tabs, and the keys of the quick note. */
(function () {
  "use strict";
  var dash = (window.dash_clientside = window.dash_clientside || {});
  var TABS = ["overview", "deals", "purchases", "history"];

  function fromAddress() {
    var name = window.location.hash.slice(1);
    return TABS.indexOf(name) > 0 ? name : "overview";
  }

  dash.crmClient = {
    chooseTab: function () {
      var pressed = ((dash.callback_context.triggered[0] || {}).prop_id || "").replace("client-tab-", "").split(".")[0];
      var clicked = Array.prototype.slice.call(arguments, 0, TABS.length).some(Boolean);
      var name = clicked && TABS.indexOf(pressed) >= 0 ? pressed : fromAddress();
      var opened = arguments[TABS.length];
      var wanted = window.location.pathname + window.location.search + (name === "overview" ? "" : "#" + name);
      if (fromAddress() !== name) { window.history.replaceState(window.history.state, "", wanted); }
      var now = arguments[TABS.length + 1];
      return [name === now ? dash.no_update : name, name === "history" ? opened || Date.now() : dash.no_update]
        .concat(TABS.map(function (item) { return item !== name; }))
        .concat(TABS.map(function (item) { return item === name ? "true" : "false"; }));
    }
  };

  /* What was written in such fields before goes through all records: asked for once, when one stands in the first of them. */
  document.addEventListener("focusin", function (event) {
    var list = (event.target.getAttribute && event.target.getAttribute("list")) || "";
    var known = list.indexOf("client-suggest-") === 0 && document.getElementById(list);
    if (known && !known.dataset.asked) {
      document.querySelectorAll("datalist[id^='client-suggest-']").forEach(function (item) { item.dataset.asked = "1"; });
      dash.set_props("client-suggest-wanted", { data: Date.now() });
    }
  });

  /* Ctrl+Enter saves the note, Alt+1…5 chooses what it is: the hands stay on the keys. */
  document.addEventListener("keydown", function (event) {
    var place = event.target.closest && event.target.closest(".quick-add");
    if (!place) { return; }
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      var save = place.querySelector("[data-quick-save]");
      if (save) {
        event.preventDefault();
        event.target.blur();  // The field hands its text over when it is left.
        window.setTimeout(function () { save.click(); event.target.focus(); }, 30);
      }
      return;
    }
    var number = event.code && event.code.indexOf("Digit") === 0 ? Number(event.code.slice(5)) : 0;
    if (event.altKey && !event.ctrlKey && number >= 1 && number <= 5) {
      var kind = place.querySelectorAll(".segmented input")[number - 1];
      if (kind) { event.preventDefault(); kind.click(); }
    }
  });
}());
