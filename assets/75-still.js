/* Draws what dashboard/components/still.py sends: plain elements from data, one Dash component for all of them.
   React.createElement escapes what it shows; a tag is one of HTML's, never a script. */
(function () {
  "use strict";
  var TAG = /^(?!script$|style$|iframe$|object$|embed$)[a-z][a-z0-9]*$/;

  function draw(node) {
    if (!Array.isArray(node)) { return typeof node === "boolean" ? null : node; }
    var tag = node[0];
    if (tag !== "" && !TAG.test(tag)) { return null; }
    return window.React.createElement.apply(null, [tag || window.React.Fragment, tag ? node[1] : null].concat(node.slice(2).map(draw)));
  }

  function Still(props) { return draw(props.tree === undefined ? null : props.tree); }

  window.crm_parts = { Still: Still };

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
