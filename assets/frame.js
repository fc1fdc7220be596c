/* The frame in the browser: messages, connection, theme, sign-out token, keys. */
(function () {
  "use strict";
  var plainFetch = window.fetch.bind(window);
  var texts = null;
  var leaving = false;
  var lastSlow = 0;
  var SLOW_MS = 3000, SLOW_AGAIN_MS = 60000, CHECK_MS = 5000;
  var LIFE = { info: 4000, warning: 8000, error: 0 };
  var ICONS = { info: "check", warning: "triangle-alert", error: "x" };
  var TONES = { info: "good", warning: "warn", error: "bad" };

  function text(key, values) {
    if (!texts) {
      var holder = document.getElementById("frame-texts");
      texts = holder ? JSON.parse(holder.textContent) : {};
    }
    var found = texts[key] || key;
    Object.keys(values || {}).forEach(function (name) { found = found.replace("{" + name + "}", values[name]); });
    return found;
  }

  function element(tag, className, content) {
    var made = document.createElement(tag);
    if (className) { made.className = className; }
    if (content !== undefined && content !== null) { made.textContent = content; }
    return made;
  }

  function icon(name, small) {
    var made = element("i", "i i-" + name + (small ? " i-s" : ""));
    made.setAttribute("aria-hidden", "true");
    return made;
  }

  /* ---- toasts: information 4 s, warning 8 s, errors stay ---- */
  function toast(message) {
    var place = document.getElementById("frame-toasts");
    if (!place) { return; }
    var kind = LIFE.hasOwnProperty(message.kind) ? message.kind : "info";
    var box = element("div", "app-toast app-toast-" + kind);
    box.setAttribute("role", kind === "error" ? "alert" : "status");
    var sign = element("span", TONES[kind]);
    sign.appendChild(icon(ICONS[kind]));
    var body = element("div", "grow");
    body.appendChild(element("div", kind === "error" ? "b5" : "", message.text));
    if (message.detail) { body.appendChild(element("div", "sm t2", message.detail)); }
    if (message.link) {
      var link = element("a", "sm", message.link[1]);
      link.href = message.link[0];
      link.setAttribute("data-inside", "");
      body.appendChild(link);
    }
    if (message.request_id) { body.appendChild(element("div", "sm t3 app-toast-request", text("request", { id: message.request_id }))); }
    box.appendChild(sign);
    box.appendChild(body);
    var close = element("button", "btn btn-link btn-icon btn-sm");
    close.type = "button";
    close.setAttribute("aria-label", text("close"));
    close.title = text("close");
    close.appendChild(icon("x", true));
    close.addEventListener("click", function () { box.remove(); });
    box.appendChild(close);
    if (kind !== "info") {
      // The same again says nothing new.
      Array.prototype.forEach.call(place.querySelectorAll(".app-toast-" + kind), function (other) {
        if (other.dataset.text === message.text) { other.remove(); }
      });
    }
    box.dataset.text = message.text;
    place.appendChild(box);
    while (place.children.length > 5) { place.firstElementChild.remove(); }
    if (LIFE[kind]) { fade(box, LIFE[kind]); }
  }

  function fade(box, life) {
    var timer = window.setTimeout(function () { box.remove(); }, life);
    box.addEventListener("mouseenter", function () { window.clearTimeout(timer); });
    box.addEventListener("mouseleave", function () { timer = window.setTimeout(function () { box.remove(); }, life); });
  }

  /* ---- banners: stay until the cause is gone ---- */
  function banner(name, title, hint, action) {
    var place = document.getElementById("frame-banners");
    if (!place || place.querySelector("[data-banner='" + name + "']")) { return; }
    var box = element("div", "banner");
    box.dataset.banner = name;
    box.setAttribute("role", "alert");
    box.appendChild(icon("triangle-alert"));
    box.appendChild(element("b", "b6", title));
    box.appendChild(element("span", "banner-hint", hint));
    if (action) { box.appendChild(action); }
    place.appendChild(box);
  }

  function dropBanner(name) {
    var box = document.querySelector("#frame-banners [data-banner='" + name + "']");
    if (box) { box.remove(); }
  }

  function checkButton() {
    var button = element("button", "btn btn-sm btn-danger", text("check_now"));
    button.type = "button";
    button.addEventListener("click", checkServer);
    return button;
  }

  function isDown() { return Boolean(document.querySelector("#frame-banners [data-banner='down']")); }

  function serverDown() {
    if (leaving) { return; }
    banner("down", text("server_down"), text("server_down_hint"), checkButton());
    window.setTimeout(checkServer, CHECK_MS);
  }

  function checkServer() {
    if (!isDown()) { return; }
    plainFetch("/healthz", { cache: "no-store" }).then(function (answer) {
      if (answer.ok) { dropBanner("down"); poll(); } else { window.setTimeout(checkServer, CHECK_MS); }
    }, function () { window.setTimeout(checkServer, CHECK_MS); });
  }

  function sessionOver() {
    var link = element("a", "btn btn-sm btn-danger", text("sign_in_again"));
    // Sign-in leads back here, and what was typed is offered again (drafts.js keeps it in this browser).
    link.href = "/sign-in?next=" + encodeURIComponent(window.location.pathname + window.location.search);
    banner("session", text("session_over"), text("session_over_hint"), link);
  }

  function databaseGone(number) {
    if (document.querySelector("#frame-banners [data-banner='database']")) { return; }
    var shown = number ? element("span", "banner-hint", text("request", { id: number })) : null;
    banner("database", text("database_gone"), text("database_gone_hint"), shown);
    window.setTimeout(checkDatabase, CHECK_MS);
  }

  function checkDatabase() {
    if (!document.querySelector("#frame-banners [data-banner='database']")) { return; }
    plainFetch("/readyz", { cache: "no-store" }).then(function (answer) {
      if (answer.ok) { dropBanner("database"); poll(); } else { window.setTimeout(checkDatabase, CHECK_MS); }
    }, function () { window.setTimeout(checkDatabase, CHECK_MS); });
  }

  function poll() {
    // Ask for changes at once instead of waiting for the next round.
    if (window.dash_clientside && window.dash_clientside.set_props) {
      window.dash_clientside.set_props("frame-changes-poll", { n_intervals: Date.now() % 1000000000 });
    }
  }

  /* ---- every request to the server is watched ---- */
  function isOurs(address) { return typeof address === "string" && /\/_(dash-|grids\/|search$)/.test(address); }

  function watch(answer) {
    if (answer.ok || answer.status === 204) {
      dropBanner("session"); dropBanner("database"); dropBanner("down");
      return;
    }
    if (answer.status === 401) { sessionOver(); return; }
    if (answer.status === 502 || answer.status === 504) { serverDown(); return; }
    answer.clone().json().then(function (body) { return body; }, function () { return {}; }).then(function (body) {
      if (body.code === "database_gone") { databaseGone(body.request_id || answer.headers.get("X-Request-ID")); return; }
      toast({
        kind: body.kind || "error", text: body.text || text("failed"), detail: body.hint || (body.kind ? "" : text("failed_hint")),
        request_id: body.kind === "warning" ? null : body.request_id || answer.headers.get("X-Request-ID"),
      });
    });
  }

  /* Dash reads the text of some refusals twice, which a browser does not allow. */
  function readable(answer) {
    var text = null;
    answer.text = function () {
      text = text || Response.prototype.text.call(answer);
      return text;
    };
    return answer;
  }

  function slow() {
    if (leaving || isDown() || document.hidden || Date.now() - lastSlow < SLOW_AGAIN_MS) { return; }
    lastSlow = Date.now();
    toast({ kind: "warning", text: text("slow"), detail: text("slow_hint") });
  }

  /* A button that has only just come into the page makes Dash ask what its click means. Nobody clicked: that needs no server.
     Callbacks that listen to more than buttons are asked all the same, they may have other reasons. */
  function unclicked(address, options) {
    var body = options && options.body;
    if (address.indexOf("/_dash-update-component") === -1 || typeof body !== "string" || body.indexOf('.n_clicks"') === -1) { return false; }
    try { body = JSON.parse(body); } catch (error) { return false; }
    return (body.changedPropIds || []).length > 0 && [].concat.apply([], body.inputs || []).every(function (item) {
      return item.property === "n_clicks" && (!item.value || body.changedPropIds.indexOf(idText(item.id) + ".n_clicks") === -1);
    });
  }

  function idText(id) { return typeof id === "string" ? id : JSON.stringify(id, Object.keys(id).sort()); }

  window.fetch = function (target, options) {
    var address = typeof target === "string" ? target : (target && target.url);
    if (!isOurs(address)) { return plainFetch(target, options); }
    if (unclicked(address, options)) { return Promise.resolve(new Response(null, { status: 204 })); }
    var timer = window.setTimeout(slow, SLOW_MS);
    return plainFetch(target, options).then(function (answer) {
      window.clearTimeout(timer);
      watch(answer);
      if (!answer.ok) { window.dispatchEvent(new CustomEvent("crm-failed")); }
      return answer.ok ? answer : readable(answer);
    }, function (error) {
      window.clearTimeout(timer);
      window.dispatchEvent(new CustomEvent("crm-failed"));
      if (!error || error.name !== "AbortError") { serverDown(); }
      throw error;
    });
  };

  window.addEventListener("pagehide", function () { leaving = true; });
  window.addEventListener("pageshow", function () { leaving = false; });
  window.addEventListener("offline", serverDown);
  document.addEventListener("visibilitychange", function () {
    if (window.dash_clientside && window.dash_clientside.set_props && document.getElementById("frame-rail")) {
      window.dash_clientside.set_props("frame-changes-poll", { disabled: document.hidden });
    }
  });

  document.addEventListener("submit", function (event) {
    var form = event.target;
    if (!form.classList || !form.classList.contains("js-token")) { return; }
    var field = form.querySelector("input[name='_csrf_token']") || form.appendChild(element("input"));
    field.type = "hidden";
    field.name = "_csrf_token";
    field.value = window.crmAsk.token();
  }, true);

  document.addEventListener("keydown", function (event) {
    if ((event.ctrlKey || event.metaKey) && (event.key === "k" || event.key === "K" || event.key === "л" || event.key === "Л")) {
      var field = document.getElementById("frame-search");
      if (field) { event.preventDefault(); field.focus(); field.select(); }
    }
  });

  function copy(value) {
    // navigator.clipboard is there under TLS and on this machine only; elsewhere the old way.
    if (navigator.clipboard && window.isSecureContext) { return navigator.clipboard.writeText(value); }
    return new Promise(function (resolve, reject) {
      var field = element("textarea");
      field.value = value;
      field.style.position = "fixed";
      field.style.opacity = "0";
      (document.querySelector(".modal.show .modal-content") || document.body).appendChild(field);
      field.select();
      var done = document.execCommand("copy");
      field.remove();
      if (done) { resolve(); } else { reject(new Error("copy")); }
    });
  }

  window.dash_clientside = window.dash_clientside || {};
  window.dash_clientside.frame = {
    showToasts: function (data) {
      if (data && data.toasts) { data.toasts.forEach(toast); }
      return data ? data.id : null;
    },
    applyTheme: function (theme) {
      if (theme && window.appTheme) { window.appTheme.set(theme); }
      return theme || null;
    },
    reload: function (language) {
      if (language) { window.location.reload(); }
    },
    copySecret: function (clicks, secret) {
      if (!clicks || !secret) { return window.dash_clientside.no_update; }
      return copy(secret).then(function () {
        toast({ kind: "info", text: text("copied") });
        return clicks;
      }, function () {
        toast({ kind: "warning", text: text("copy_failed") });
        return clicks;
      });
    },
  };
  window.appToast = toast;
})();
