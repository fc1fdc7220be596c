/* Draws what dashboard/components/still.py sends: plain elements from data, one Dash component for all of them.
   React.createElement escapes what it shows; a tag is one of HTML's, never a script. */
(function () {
  "use strict";
  var TAG = /^(?!script$|style$|iframe$|object$|embed$)[a-z][a-z0-9]*$/;

  /* A plotly figure among plain elements: repainted in place, again when the theme changes. */
  function Plot(props) {
    var React = window.React, box = React.useRef(null), dash = window.dash_clientside;
    var theme = React.useState(0);
    React.useEffect(function () {
      var watcher = new MutationObserver(function () { theme[1](function (count) { return count + 1; }); });
      watcher.observe(document.documentElement, { attributes: true, attributeFilter: ["data-bs-theme"] });
      return function () { watcher.disconnect(); if (box.current) { window.Plotly.purge(box.current); } };
    }, []);
    React.useEffect(function () {
      var place = box.current, figure = dash.crm.themed(props.figure);
      window.Plotly.react(place, figure.data, figure.layout, props.config).then(function () {
        place.removeAllListeners("plotly_click");
        place.on("plotly_click", function (event) {
          var picked = event.points[0] && event.points[0].customdata;
          if (typeof picked === "string" && picked) { dash.crm.pick(place, picked, event.event.shiftKey); }
        });
      });
    });
    return React.createElement("div", {
      ref: box, className: "chart", style: { height: props.height + "px" }, role: "img", "aria-label": props.label
    });
  }

  /* A panel whose answer comes by itself: what came last stays until the next is here. An answer to another question than
     the page's (asked) is passed over: a later click has made it old. One that stands already (wanted) is only taken the
     place of by the whole answer to the very same question. */
  var late = {}, stood = {};
  function Late(props) {
    var count = window.React.useState(0);
    window.React.useEffect(function () {
      function again() { count[1](function (number) { return number + 1; }); }
      document.addEventListener("crm-late", again);
      return function () { document.removeEventListener("crm-late", again); };
    }, []);
    var found = Object.prototype.hasOwnProperty.call(late, props.name) ? late[props.name] : null;
    if (props.wanted !== undefined) { return draw(found && props.wanted === found[0] ? found[1] : props.waiting); }
    if (found && (props.asked === undefined || props.asked === found[0])) { stood[props.name] = found; }
    return draw(stood[props.name] ? stood[props.name][1] : props.waiting);
  }

  function draw(node) {
    if (!Array.isArray(node)) { return typeof node === "boolean" ? null : node; }
    var tag = node[0];
    if (tag === "plot") { return window.React.createElement(Plot, node[1]); }
    if (tag === "late") { return window.React.createElement(Late, { name: node[1].name, wanted: node[1].wanted, asked: node[1].asked, waiting: node[2] }); }
    if (tag !== "" && !TAG.test(tag)) { return null; }
    return window.React.createElement.apply(null, [tag || window.React.Fragment, tag ? node[1] : null].concat(node.slice(2).map(draw)));
  }

  function Still(props) { return draw(props.tree === undefined ? null : props.tree); }

  window.crm_parts = { Still: Still };
  window.crm_late = function (panels) {
    late = Object.assign({}, late, panels);
    document.dispatchEvent(new CustomEvent("crm-late"));
    return window.dash_clientside.no_update;
  };

  /* Links inside push the address as dcc.Link does, so the page is not loaded anew. */
  document.addEventListener("click", function (event) {
    var link = event.target.closest && event.target.closest("a[data-inside]");
    if (!link || event.defaultPrevented || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey || event.button) { return; }
    event.preventDefault();
    window.history.pushState({}, "", link.getAttribute("href"));
    window.dispatchEvent(new CustomEvent("_dashprivate_pushstate"));
    window.scrollTo(0, 0);
  });
}());
