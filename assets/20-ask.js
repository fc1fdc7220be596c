/* Requests beside Dash: what is sent, and the token that says a page of ours sends it. */
(function () {
  "use strict";
  function token() {
    var found = document.cookie.match(/(?:^|;\s*)_csrf_token=([^;]+)/);
    return found ? decodeURIComponent(found[1]) : "";
  }

  window.crmAsk = {
    token: token,
    /* A question as JSON; ``more``: further options of fetch. */
    post: function (path, body, more) {
      return window.fetch(path, Object.assign({
        method: "POST", credentials: "same-origin", body: JSON.stringify(body),
        headers: { "Content-Type": "application/json", "X-CSRFToken": token() }
      }, more));
    }
  };
}());
