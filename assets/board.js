/* The board: cards are carried by mouse, finger or keyboard and dropped on a column or an ending.
   The server does the move and sends the board anew; nothing here changes what React has drawn but classes and tab stops. */
(function () {
  "use strict";
  var dash = (window.dash_clientside = window.dash_clientside || {});
  var NEAR = 5, HOLD_MS = 260, EDGE = 48, GO_ON_MS = 30;
  var pressed = null;   // a pointer is down on a card and has not moved yet
  var carried = null;   // {card, target, clone, dx, dy, by}
  var waiting = null;   // {deal, from}: sent, the answer is on its way
  var unclick = false;  // the click that ends a drag opens nothing

  function board() { return document.getElementById("board"); }
  function all(selector) { return Array.prototype.slice.call((board() || document).querySelectorAll(selector)); }
  function writable() { var place = board(); return place && place.hasAttribute("data-writable"); }

  function say(name, card, target) {
    var place = board(), live = document.getElementById("board-live");
    if (!place || !live) { return; }
    var text = (place.getAttribute("data-" + name) || "").replace("{deal}", card ? card.dataset.title : "");
    live.textContent = text.replace("{stage}", target ? target.dataset.name : "");
  }

  function laneOf(card) { return card.closest("[data-drop]"); }

  function over(target) {
    if (!carried || carried.target === target) { return; }
    all(".is-over").forEach(function (item) { item.classList.remove("is-over"); });
    carried.target = target;
    if (target && target !== laneOf(carried.card)) { target.classList.add("is-over"); }
  }

  /* --- carrying -------------------------------------------------------------------------------------- */

  function lift(card, by, event) {
    carried = { card: card, by: by, target: null, clone: null };
    document.documentElement.classList.add("is-carrying");
    if (by === "keys") {
      card.classList.add("is-lifted");
      over(laneOf(card));
    } else {
      var box = card.getBoundingClientRect();
      carried.dx = event.clientX - box.left;
      carried.dy = event.clientY - box.top;
      carried.clone = card.cloneNode(true);
      carried.clone.classList.add("is-carried");
      carried.clone.removeAttribute("data-deal");
      carried.clone.setAttribute("aria-hidden", "true");
      carried.clone.style.width = box.width + "px";
      document.body.appendChild(carried.clone);
      card.classList.add("is-source");
      follow(event.clientX, event.clientY);
      // A hand that rests at an edge goes on: a narrow screen shows one column of many.
      carried.going = window.setInterval(function () { if (carried && carried.at) { follow(carried.at[0], carried.at[1]); } }, GO_ON_MS);
    }
    say("lifted", card);
  }

  function follow(x, y) {
    carried.at = [x, y];
    carried.clone.style.transform = "translate(" + (x - carried.dx) + "px," + (y - carried.dy) + "px) rotate(1.4deg)";
    var under = document.elementFromPoint(x, y);
    over(under && under.closest("#board [data-drop]"));
    scroll(x, y, under);
  }

  /* Near an edge the board, and the column under the card, move on. */
  function scroll(x, y, under) {
    var strip = board().querySelector(".board-scroll"), box = strip.getBoundingClientRect();
    if (x < box.left + EDGE) { strip.scrollLeft -= 14; } else if (x > box.right - EDGE) { strip.scrollLeft += 14; }
    var list = under && under.closest(".board-cards");
    if (!list) { return; }
    box = list.getBoundingClientRect();
    if (y < box.top + EDGE) { list.scrollTop -= 10; } else if (y > box.bottom - EDGE) { list.scrollTop += 10; }
  }

  function letGo() {
    if (!carried) { return; }
    window.clearInterval(carried.going);
    if (carried.clone) { carried.clone.remove(); }
    carried.card.classList.remove("is-source", "is-lifted");
    all(".is-over").forEach(function (item) { item.classList.remove("is-over"); });
    document.documentElement.classList.remove("is-carrying");
    carried = null;
  }

  function cancel() {
    if (!carried) { return; }
    say("back", carried.card);
    letGo();
  }

  function drop() {
    var card = carried.card, target = carried.target, from = laneOf(card), keys = carried.by === "keys";
    if (!target || target === from || !dash.set_props) { cancel(); return; }
    letGo();
    card.classList.add("is-going");
    waiting = { deal: card.dataset.deal, from: from.dataset.drop, focus: keys || document.activeElement === card };
    say("dropped", card, target);
    dash.set_props("board-act", {
      data: { deal: +card.dataset.deal, version: +card.dataset.version, stage: +target.dataset.drop, at: Date.now() }
    });
  }

  /* --- mouse and finger ------------------------------------------------------------------------------ */

  function release() {
    if (pressed) { window.clearTimeout(pressed.timer); pressed = null; }
  }

  document.addEventListener("pointerdown", function (event) {
    unclick = false;
    var card = event.target.closest && event.target.closest("#board .board-card[data-deal]");
    if (!card || event.button || !event.isPrimary || carried || !writable()) { return; }
    pressed = { card: card, x: event.clientX, y: event.clientY, touch: event.pointerType !== "mouse", timer: 0 };
    if (pressed.touch) {
      pressed.timer = window.setTimeout(function () {
        if (!pressed) { return; }
        var held = pressed;
        release();
        lift(held.card, "touch", { clientX: held.x, clientY: held.y });
        if (navigator.vibrate) { navigator.vibrate(10); }
      }, HOLD_MS);
    }
  });

  document.addEventListener("pointermove", function (event) {
    if (carried && carried.clone) { follow(event.clientX, event.clientY); return; }
    if (!pressed || Math.hypot(event.clientX - pressed.x, event.clientY - pressed.y) < NEAR) { return; }
    var card = pressed.card, scrolling = pressed.touch, at = { clientX: pressed.x, clientY: pressed.y };
    release();
    if (scrolling) { return; }  // a finger that moves at once scrolls
    lift(card, "mouse", at);
    follow(event.clientX, event.clientY);
  });

  document.addEventListener("pointerup", function () {
    release();
    if (carried && carried.clone) { unclick = true; drop(); }
  });

  document.addEventListener("pointercancel", function () { release(); if (carried && carried.clone) { cancel(); } });
  document.addEventListener("touchmove", function (event) {
    if (carried && carried.clone && event.cancelable) { event.preventDefault(); }
  }, { passive: false });
  document.addEventListener("contextmenu", function (event) { if (carried && carried.clone) { event.preventDefault(); } });
  document.addEventListener("dragstart", function (event) {
    if (event.target.closest && event.target.closest("#board .board-card")) { event.preventDefault(); }
  });
  window.addEventListener("blur", cancel);

  document.addEventListener("click", function (event) {
    var place = event.target.closest && event.target.closest("#board");
    if (!place) { return; }
    if (unclick) { unclick = false; event.preventDefault(); event.stopPropagation(); return; }
    var more = event.target.closest("[data-more]"), card = event.target.closest(".board-card");
    if (more && dash.set_props) {
      dash.set_props("board-shown", { data: JSON.parse(more.dataset.more) });
    } else if (card && !event.target.closest("a")) {
      card.querySelector("a").click();
    }
  }, true);

  /* --- keyboard -------------------------------------------------------------------------------------- */

  function step(list, item, by) {
    var at = list.indexOf(item) + by;
    return list[Math.max(0, Math.min(list.length - 1, at))];
  }

  function aim(by) {
    var target = by === "first" || by === "last" ? null : step(all("[data-drop]"), carried.target, by);
    if (by === "first") { target = all("[data-drop]")[0]; }
    if (by === "last") { target = all("[data-drop]").pop(); }
    over(target);
    target.scrollIntoView({ block: "nearest", inline: "nearest" });
    say("over", carried.card, target);
  }

  function beside(card, by) {
    var lanes = all(".board-lane"), at = lanes.indexOf(card.closest(".board-lane"));
    var row = Array.prototype.indexOf.call(card.parentNode.children, card);
    for (at += by; lanes[at]; at += by) {
      var cards = lanes[at].querySelectorAll(".board-card");
      if (cards.length) { return cards[Math.min(row, cards.length - 1)]; }
    }
    return card;
  }

  function focus(card) {
    if (!card) { return; }
    card.focus();
    card.scrollIntoView({ block: "nearest", inline: "nearest" });
  }

  function walk(card, key) {
    var column = Array.prototype.slice.call(card.parentNode.children);
    if (key === "ArrowUp" || key === "ArrowDown") { focus(step(column, card, key === "ArrowUp" ? -1 : 1)); }
    else if (key === "ArrowLeft" || key === "ArrowRight") { focus(beside(card, key === "ArrowLeft" ? -1 : 1)); }
    else if (key === "Home") { focus(column[0]); }
    else if (key === "End") { focus(column[column.length - 1]); }
    else if (key === "Enter") { card.querySelector("a").click(); }
    else if (key === " " && writable()) { lift(card, "keys"); }
    else { return false; }
    return true;
  }

  function carry(key) {
    if (key === "ArrowLeft" || key === "ArrowUp") { aim(-1); }
    else if (key === "ArrowRight" || key === "ArrowDown") { aim(1); }
    else if (key === "Home") { aim("first"); }
    else if (key === "End") { aim("last"); }
    else if (key === "Enter" || key === " ") { drop(); }
    else if (key === "Escape") { cancel(); }
    else if (key === "Tab") { cancel(); return false; }
    return true;
  }

  /* Ctrl+Z takes the last move back, as the button does; in a field it stays the field's own. */
  document.addEventListener("keydown", function (event) {
    if (!(event.ctrlKey || event.metaKey) || event.shiftKey || event.altKey || event.code !== "KeyZ" || !board()) { return; }
    var bar = document.getElementById("board-undo");
    if (event.target.closest("input, textarea, select") || !bar || bar.hidden || carried) { return; }
    event.preventDefault();
    document.getElementById("board-undo-yes").click();
  });

  document.addEventListener("keydown", function (event) {
    if (event.ctrlKey || event.metaKey || event.altKey) { return; }
    var done = false;
    if (carried) {
      done = carried.by === "keys" ? carry(event.key) : event.key === "Escape" && (cancel(), true);
    } else if (event.target.matches && event.target.matches("#board .board-card")) {
      done = walk(event.target, event.key);
    }
    if (done) { event.preventDefault(); event.stopPropagation(); }
  }, true);

  /* One card of each stage is a tab stop: the one that had the focus last. A stage without any could not be scrolled by keys. */
  function stop(card) {
    var stage = card && card.closest(".board-cards");
    if (stage) { stage.querySelectorAll(".board-card[tabindex='0']").forEach(function (item) { item.tabIndex = -1; }); }
    if (card) { card.tabIndex = 0; }
  }
  function stopInEach() {
    all(".board-cards").forEach(function (stage) {
      if (!stage.querySelector(".board-card[tabindex='0']")) { stop(stage.querySelector(".board-card")); }
    });
  }

  document.addEventListener("focusin", function (event) {
    if (event.target.matches && event.target.matches("#board .board-card")) { stop(event.target); }
  });

  /* A board drawn anew leaves the card in the hand: the same deal is carried on, over the same place. */
  function carryOn() {
    if (!carried) { return; }
    var place = board(), card = place.querySelector(".board-card[data-deal='" + carried.card.dataset.deal + "']");
    var target = carried.target && place.querySelector("[data-drop='" + carried.target.dataset.drop + "']");
    if (!card) { cancel(); return; }
    carried.card = card;
    card.classList.add(carried.by === "keys" ? "is-lifted" : "is-source");
    carried.target = null;
    over(target);
    if (carried.by === "keys" && document.activeElement !== card) { focus(card); }
  }

  function settle() {
    if (!board()) { return; }
    carryOn();
    all(".is-going").forEach(function (item) { item.classList.remove("is-going"); });
    var wanted = waiting, active = document.activeElement;
    var held = !wanted && active && active.matches(".board-card") ? active : null;
    waiting = null;
    var card = wanted && board().querySelector(".board-card[data-deal='" + wanted.deal + "']");
    var left = wanted && board().querySelector("[data-drop='" + wanted.from + "'] .board-card");
    stop(held || card || left);
    stopInEach();
    if (wanted && wanted.focus && !document.querySelector(".modal.show")) { focus(card || left); }
  }

  function follows(path) {
    return function (search) { return path + (search || ""); };
  }

  dash.board = {
    follow: follows("/deals"),
    followBoard: follows("/deals/board"),

    /* After the board was drawn anew: React puts the new cards in place with the next frame. */
    settle: function () {
      window.requestAnimationFrame(function () { window.setTimeout(settle, 30); });
      return dash.no_update;
    }
  };
}());
