/* Forms that save themselves: in this browser at once, on the server a moment later.

   A form is an element with data-draft (components/drafts.py). What Dash has as `value` inside it is compared
   with what stood there before the first touch; the difference is the draft. Nothing is ever put back by itself. */
(function () {
  "use strict";
  var LOOK_MS = 700, SEND_MS = 1200, AGAIN_MS = 10000;
  var PREFIX = "crm-draft:", MOST = 40, LARGEST = 128 * 1024, OLD_MS = 60 * 864e5;
  var NONE = "[]";
  var forms = {};  // key → what is known of a form of this page
  var leaving = false;
  var parts = window.crmParts, held = window.crmDraftFields;
  var keyOf = held.keyOf, asId = held.asId, layoutOf = held.layoutOf, fieldsOf = held.fieldsOf, read = held.read;
  var same = held.same, plain = held.plain, chosen = held.chosen, difference = held.difference;

  /* ---- this browser's copy ---- */
  function local(key) {
    try { return JSON.parse(window.localStorage.getItem(PREFIX + key)); } catch (error) { return null; }
  }

  function forget(key) {
    try { window.localStorage.removeItem(PREFIX + key); } catch (error) { /* storage is switched off */ }
  }

  function ours() {
    try { return Object.keys(window.localStorage).filter(function (name) { return name.indexOf(PREFIX) === 0; }); } catch (error) { return []; }
  }

  function tidy() {
    var all = ours().map(function (name) { return [name, (local(name.slice(PREFIX.length)) || {}).at || 0]; });
    all.sort(function (one, other) { return other[1] - one[1]; });
    all.forEach(function (item, place) {
      if (place >= MOST || Date.now() - item[1] > OLD_MS) { forget(item[0].slice(PREFIX.length)); }
    });
  }

  function remember(key, draft) {
    var text = JSON.stringify(draft);
    if (text.length > LARGEST) { forget(key); return false; }
    try { window.localStorage.setItem(PREFIX + key, text); } catch (error) {
      tidy();
      try { window.localStorage.setItem(PREFIX + key, text); } catch (again) { return false; }
    }
    return true;
  }

  /* ---- the server's copy ---- */
  function post(path, body, last) {
    return window.crmAsk.post("/_drafts/" + path, body, {
      cache: "no-store", keepalive: Boolean(last) && JSON.stringify(body).length < 60000  // more is refused by browsers
    }).then(function (answer) {
      if (answer.ok) { return answer.json(); }
      throw new Error(String(answer.status));
    });
  }

  function send(form, last) {
    window.clearTimeout(form.timer);
    form.timer = null;
    if (form.sending) { form.again = true; return form.sending; }
    var text = form.text, values = form.values, draft;
    if (text === form.kept) { return Promise.resolve(); }
    form.sending = post("keep", { form: form.name, row: form.row, version: form.version, values: values }, last).then(function (answer) {
      form.kept = text;
      if (form.text === text && text !== NONE) {
        draft = local(form.key);
        if (draft) { draft.kept = true; remember(form.key, draft); }
        state(form, say("draft_kept", { time: answer.at }));
      }
    }, function (error) {
      if (!/^4(00|13|22)$/.test(error.message)) {  // Those would be refused again.
        state(form, say("draft_local"));
        form.timer = window.setTimeout(function () { send(form); }, AGAIN_MS);
      }
    }).then(function () {
      form.sending = null;
      if (form.again) { form.again = false; return send(form, last); }
      return undefined;
    });
    return form.sending;
  }

  function say(name, values) {
    var holder = document.getElementById("frame-texts"), text = holder ? JSON.parse(holder.textContent)[name] || "" : "";
    Object.keys(values || {}).forEach(function (key) { text = text.replace("{" + key + "}", values[key]); });
    return text;
  }

  function state(form, text) {
    var place = form.area && form.area.querySelector(".draft-state");
    if (place) { place.textContent = text; }
  }

  /* ---- one form of the page ---- */
  function meet(area) {
    var key = keyOf(area), form = forms[key], version = area.dataset.draftVersion ? Number(area.dataset.draftVersion) : null;
    if (!area.dataset.draftOwner) { return null; }
    if (form && form.area === area && form.version === version) { return form; }
    if (form && form.version === version && !form.area.isConnected && JSON.stringify(read(area)) === form.last) {
      form.area = area;  // A dialog that was closed and opened again with what had been typed.
      return form;
    }
    if (form) { window.clearTimeout(form.timer); if (form.text !== form.kept && form.text !== NONE) { send(form, true); } }
    var resume = form && form.resume;
    form = forms[key] = {
      key: key, area: area, name: area.dataset.draft, row: Number(area.dataset.draftRow), version: version,
      whole: Boolean(area.dataset.draftRestore), before: null, touched: false, text: NONE, values: {}, kept: NONE, last: "",
    };
    state(form, "");
    ask(form, resume);
    return form;
  }

  function look(form) {
    if (!form.area.isConnected) { return; }
    var now = read(form.area);
    form.last = JSON.stringify(now);
    if (!form.touched) { form.before = now; return; }
    var found = difference(form.area, form.before, form.whole), text = plain(found);
    if (text === form.text) { return; }
    form.text = text;
    form.values = found;
    if (text === NONE) {
      forget(form.key);
      state(form, "");
    } else {
      remember(form.key, { values: found, version: form.version, at: Date.now(), kept: text === form.kept });
    }
    window.clearTimeout(form.timer);
    if (text === form.kept) { return; }
    form.timer = window.setTimeout(function () { send(form); }, SEND_MS);
  }

  function all(each) {
    Array.prototype.forEach.call(document.querySelectorAll("[data-draft]"), function (area) {
      var form = meet(area);
      if (form) { each(form); }
    });
  }

  function touch(event) {
    var area = event.target.closest && event.target.closest("[data-draft]");
    if (!area || event.target.closest(".draft-offer")) { return; }
    var form = meet(area);
    if (!form) { return; }
    if (!form.touched) { form.before = read(area); form.touched = true; }
    window.clearTimeout(form.looking);
    form.looking = window.setTimeout(function () { look(form); }, 120);
  }

  /* ---- the offer ---- */
  function ask(form, resume) {
    var mine = local(form.key);
    post("offer", { form: form.name, row: form.row, local: mine }).then(function (answer) {
      if (forms[form.key] !== form || form.text !== NONE) { return; }
      if (!answer.offers.length) { if (mine && mine.kept) { forget(form.key); } return; }
      if (resume) { take(form, answer.offers[0]); return; }
      show(form, answer.offers);
    }, function () { /* The page itself says that the server cannot be reached; the copy here stays. */ });
  }

  function show(form, offers) {
    var place = form.area.querySelector(".draft-offer");
    if (place) { place.replaceChildren.apply(place, offers.map(function (offer) { return noteOf(form, offer, place); })); }
  }

  function noteOf(form, offer, place) {
    var note = parts.piece("note note-draft"), words = parts.piece("grow"), line = parts.piece("line line-wrap mt-2");
    words.appendChild(parts.piece("b5", offer.text));
    if (offer.hint) { words.appendChild(parts.piece("t2 sm", offer.hint)); }
    line.appendChild(parts.button(offer.resume, "primary", function () { place.replaceChildren(); take(form, offer); }));
    line.appendChild(parts.button(offer.drop, "secondary", function () { note.remove(); if (offer.here) { forget(form.key); }
      if (!offer.here || !place.children.length) { drop(form); }
    }));
    words.appendChild(line);
    note.appendChild(words);
    return note;
  }

  function drop(form) {
    var unsent = local(form.key);
    if (!unsent || unsent.kept) { forget(form.key); }
    form.text = NONE;
    form.values = {};
    form.kept = "-";  // Whatever the server has goes, too.
    send(form);
  }

  function take(form, offer) {
    if (!offer.here) { form.kept = plain(offer.values); }
    if (offer.compare) {
      window.dash_clientside.set_props("conflict-ask", { data: {
        form: form.name, row: form.row, version: offer.version, values: offer.values, at: Date.now(),
      } });
      return;
    }
    fill(form, offer.values, offer.version);
  }

  function fill(form, values, version) {
    var area = form.area;
    if (!form.touched) { form.before = read(area); form.touched = true; }
    if (area.dataset.draftRestore) {
      window.dash_clientside.set_props(area.dataset.draftRestore, { data: { values: values, version: version, at: Date.now() } });
    } else {
      Object.keys(values).forEach(function (id) { put(id, values[id]); });
    }
    window.setTimeout(function () { look(form); }, 300);
  }

  function put(id, kept) {
    var known = layoutOf(asId(id));
    if (!known || !kept || typeof kept !== "object" || !("value" in kept)) { return; }
    var props = { value: kept.value };
    if (Array.isArray(kept.options) && Array.isArray(known.props.options)) {
      var there = known.props.options.map(function (option) { return option && option.value; });
      props.options = known.props.options.concat(kept.options.filter(function (option) { return option && there.indexOf(option.value) === -1; }));
    }
    window.dash_clientside.set_props(asId(id), props);
  }

  /* Rows that the server has just made may not be there yet. */
  function later(form, raw, tries) {
    var missing = Object.keys(raw).some(function (id) { return !layoutOf(asId(id)); });
    if (missing && tries) { window.setTimeout(function () { later(form, raw, tries - 1); }, 50); return; }
    Object.keys(raw).forEach(function (id) { put(id, raw[id]); });
    window.setTimeout(function () { look(form); }, 300);
  }

  function formOf(name, row) {
    return Object.keys(forms).map(function (key) { return forms[key]; }).filter(function (form) {
      return form.name === name && String(form.row) === String(row) && form.area.isConnected;
    })[0];
  }

  /* ---- when ---- */
  ["pointerdown", "keydown", "beforeinput", "input", "change", "paste"].forEach(function (name) {
    document.addEventListener(name, touch, true);  // Before Dash hears of it: what stood there is read first.
  });
  window.setInterval(function () { all(look); }, LOOK_MS);
  var soon = null;
  new MutationObserver(function () {
    if (soon || !document.querySelector("[data-draft]")) { return; }
    soon = window.setTimeout(function () { soon = null; all(function (form) { if (!form.touched) { look(form); } }); }, 60);
  }).observe(document.documentElement, { childList: true, subtree: true });

  function lastWords() {
    all(look);
    Object.keys(forms).forEach(function (key) { if (forms[key].text !== forms[key].kept) { send(forms[key], true); } });
  }
  window.addEventListener("pagehide", lastWords);
  document.addEventListener("visibilitychange", function () { if (document.hidden) { lastWords(); } });
  window.addEventListener("online", lastWords);

  /* Signing out leaves nothing in this browser; what was not on the server yet goes there first. */
  document.addEventListener("submit", function (event) {
    if (!event.target.action || !/\/sign-out$/.test(event.target.action) || leaving) { return; }
    event.preventDefault();
    event.stopImmediatePropagation();
    leaving = true;
    all(look);
    var waiting = Object.keys(forms).filter(function (key) { return forms[key].text !== forms[key].kept; }).map(function (key) { return send(forms[key]); });
    Promise.race([Promise.all(waiting), new Promise(function (done) { window.setTimeout(done, 2000); })]).then(function () {
      ours().forEach(function (name) { forget(name.slice(PREFIX.length)); });
      forms = {};
      event.target.requestSubmit();
    });
  }, true);

  window.dash_clientside = window.dash_clientside || {};
  window.dash_clientside.drafts = {
    /* A form was saved: its draft is done with. */
    saved: function (data) {
      if (!data) { return window.dash_clientside.no_update; }
      Object.keys(forms).forEach(function (key) {
        var form = forms[key];
        if (form.name !== data.form || String(form.row) !== String(data.row)) { return; }
        window.clearTimeout(form.timer);
        forget(key);
        var late = Boolean(form.sending);
        form.text = NONE;
        form.values = {};
        form.kept = late ? "-" : NONE;
        form.touched = false;
        if (late) { form.again = true; }
        state(form, "");
      });
      return window.dash_clientside.no_update;
    },
    /* What was chosen between two versions goes into the form; saving stays the person's own act. */
    fill: function (data) {
      var form = data && formOf(data.form, data.row), values = {};
      if (!form) { return window.dash_clientside.no_update; }
      fieldsOf(form.area).forEach(function (element) {
        var id = asId(element.id), name = id && typeof id === "object" ? id.name : null;
        if (name && data.values.hasOwnProperty(name)) { values[element.id] = { value: data.values[name] }; }
      });
      if (data.raw) { later(form, data.raw, 40); return window.dash_clientside.no_update; }
      fill(form, values);
      return window.dash_clientside.no_update;
    },
    /* The dialog wrote a decision: the record's page shows it. */
    settled: function (data, row, place) {
      if (!data || place !== data.entity + "-watch" || String(row) !== String(data.row)) { return window.dash_clientside.no_update; }
      return data.version;
    },
    /* «Показать»: the page shows what is stored now, and what was being typed is put beside it. */
    show: function (clicks, row) {
      if (!clicks) { return window.dash_clientside.no_update; }
      all(function (form) {
        look(form);
        if (form.version !== null && String(form.row) === String(row) && form.text !== NONE) { form.resume = true; }
      });
      return clicks + ":" + Date.now();
    },
  };
}());
