/* In the head, before anything is drawn: the profile's theme, or the system's. */
(function () {
  "use strict";
  var root = document.documentElement;
  var system = window.matchMedia("(prefers-color-scheme: dark)");
  function apply() {
    var theme = root.getAttribute("data-theme") || "auto";
    var shown = theme === "auto" ? (system.matches ? "dark" : "light") : theme;
    if (root.getAttribute("data-bs-theme") !== shown) {
      root.setAttribute("data-bs-theme", shown);
      window.dispatchEvent(new CustomEvent("app:theme", { detail: shown }));
    }
  }
  window.appTheme = {
    set: function (theme) { root.setAttribute("data-theme", theme); apply(); },
  };
  system.addEventListener("change", apply);
  apply();
})();
