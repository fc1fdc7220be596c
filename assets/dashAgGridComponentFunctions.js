/* Cells of the grids that are more than text. React.createElement escapes what it shows. */
(function () {
  "use strict";
  var components = (window.dashAgGridComponentFunctions = window.dashAgGridComponentFunctions || {});
  var element = function () { return window.React.createElement.apply(null, arguments); };

  /* In-app link: pushes the address as dcc.Link does, so the page is not loaded anew. */
  components.RecordLink = function (props) {
    if (!props.data) { return element("span", { className: "bone", style: { height: "12px", width: "70%", marginTop: "11px" } }); }
    var id = props.idField ? props.data[props.idField] : props.data.id;
    if (!props.value || !id) { return props.value || ""; }
    var href = props.path + id;
    return element("a", {
      href: href, className: props.quiet ? "cell-link cell-soft" : "cell-link",
      onClick: function (event) {
        if (event.ctrlKey || event.metaKey || event.shiftKey || event.button) { return; }
        event.preventDefault();
        window.history.pushState({}, "", href);
        window.dispatchEvent(new CustomEvent("_dashprivate_pushstate"));
        window.scrollTo(0, 0);
      }
    }, props.value);
  };

  components.Chance = function (props) {
    if (props.value === null || props.value === undefined) { return ""; }
    var share = Math.max(0, Math.min(1, Number(props.value)));
    return element("span", { className: "chance" },
      element("span", { className: "meter", "aria-hidden": "true" }, element("i", { style: { width: share * 100 + "%" } })),
      element("span", null, window.dashAgGridFunctions.share(share)));
  };

  components.StageCell = function (props) {
    if (!props.data) { return ""; }
    return element("span", null,
      element("span", { className: "stage-dot " + (props.data.status || ""), "aria-hidden": "true" }), props.valueFormatted || props.data.stage_name || "");
  };

  components.OwnerCell = function (props) {
    var name = props.valueFormatted || (props.data || {}).owner_name;
    if (!name || name === "–") { return ""; }
    var words = name.split(/\s+/);
    return element("span", null,
      element("span", { className: "avatar avatar-s", "aria-hidden": "true", style: { marginRight: "8px", verticalAlign: "middle" } },
        (words[0][0] + ((words[1] || "")[0] || "")).toUpperCase()), name);
  };
}());
