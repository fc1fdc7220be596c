/* The sheet of targets: arrows move, typing and Enter edit, a block from a spreadsheet is pasted where one stands.
   The table is drawn by the server's answer; the field for editing lies over it and belongs to this file. */
(function () {
  "use strict";
  var dash = window.dash_clientside;
  var editing = null;   /* { cell, field } */
  var last = null;      /* key and month of the cell one was on: a repaint must not lose it */
  var held = false;     /* whether one is in the table still */

  function cellOf(node) { return node && node.closest ? node.closest(".targets-table td[data-key]") : null; }
  function table() { return document.querySelector(".targets-table"); }
  function open() { var found = table(); return !!found && found.classList.contains("is-open"); }
  function rows() { return Array.prototype.slice.call(document.querySelectorAll(".targets-table tr.is-subject")); }

  function at(row, month) {
    var found = rows()[row];
    return found ? found.querySelector('td[data-month="' + month + '"]') : null;
  }
  function placeOf(cell) { return { row: rows().indexOf(cell.parentNode), month: Number(cell.dataset.month) }; }

  function stand(cell) {
    if (!cell) { return; }
    Array.prototype.forEach.call(document.querySelectorAll('.targets-table td[tabindex="0"]'), function (other) { other.tabIndex = -1; });
    cell.tabIndex = 0;
    cell.focus();
    cell.scrollIntoView({ block: "nearest", inline: "nearest" });
  }
  function move(cell, down, right) {
    var here = placeOf(cell);
    stand(at(here.row + down, Math.min(12, Math.max(1, here.month + right))));
  }

  function send(cells) {
    if (cells.length) { dash.set_props("targets-edit", { data: { cells: cells, at: Date.now() } }); }
  }
  function change(cell, text) { return { key: cell.dataset.key, month: Number(cell.dataset.month), text: text, seen: cell.dataset.raw }; }

  function edit(cell, text) {
    if (!open() || editing) { return; }
    var field = document.createElement("input"), box = cell.getBoundingClientRect();
    field.type = "text";
    field.inputMode = "decimal";
    field.className = "targets-field";
    field.maxLength = 40;
    field.setAttribute("aria-label", cell.getAttribute("aria-label") || "");
    field.value = text === null ? cell.dataset.raw : text;
    field.style.left = box.left + window.scrollX + "px";
    field.style.top = box.top + window.scrollY + "px";
    field.style.width = Math.max(box.width, 110) + "px";
    field.style.height = box.height + "px";
    document.body.appendChild(field);
    editing = { cell: cell, field: field };
    field.focus();
    if (text === null) { field.select(); }
    field.addEventListener("blur", function () { finish(true); });
    field.addEventListener("keydown", function (event) {
      var here = editing && editing.cell;
      if (!here) { return; }
      if (event.key === "Enter") { event.preventDefault(); finish(true); move(here, event.shiftKey ? -1 : 1, 0); }
      if (event.key === "Tab") { event.preventDefault(); finish(true); move(here, 0, event.shiftKey ? -1 : 1); }
      if (event.key === "Escape") { event.preventDefault(); finish(false); stand(here); }
      event.stopPropagation();
    });
  }
  function finish(keep) {
    var was = editing;
    if (!was) { return; }
    editing = null;
    was.field.remove();
    if (keep && was.field.value.trim() !== was.cell.dataset.raw) { send([change(was.cell, was.field.value)]); }
  }

  function paste(cell, text) {
    var here = placeOf(cell), cells = [];
    text.replace(/\r\n?/g, "\n").replace(/\n$/, "").split("\n").forEach(function (line, down) {
      line.split("\t").forEach(function (value, right) {
        var to = here.month + right <= 12 ? at(here.row + down, here.month + right) : null;
        if (to) { cells.push(change(to, value)); }
      });
    });
    send(cells);
  }

  document.addEventListener("keydown", function (event) {
    var cell = cellOf(event.target);
    if (!cell || event.defaultPrevented || event.altKey) { return; }
    var steps = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1], Home: [0, -12], End: [0, 12] };
    if (event.ctrlKey || event.metaKey) { return; }
    if (steps[event.key]) { event.preventDefault(); move(cell, steps[event.key][0], steps[event.key][1]); return; }
    if (!open()) { return; }
    if (event.key === "Enter" || event.key === "F2") { event.preventDefault(); edit(cell, null); return; }
    if (event.key === "Delete" || event.key === "Backspace") { event.preventDefault(); if (cell.dataset.raw) { send([change(cell, "")]); } return; }
    if (event.key.length === 1 && /[\d.,+\-]/.test(event.key)) { event.preventDefault(); event.stopPropagation(); edit(cell, event.key); }
  }, true);

  document.addEventListener("focusin", function (event) {
    var cell = cellOf(event.target);
    held = !!cell || !!editing;
    if (cell) { last = { key: cell.dataset.key, month: cell.dataset.month }; }
  });
  document.addEventListener("mousedown", function (event) {
    var cell = cellOf(event.target);
    if (cell) { event.preventDefault(); finish(true); stand(cell); }
  });
  document.addEventListener("dblclick", function (event) { var cell = cellOf(event.target); if (cell) { edit(cell, null); } });
  document.addEventListener("paste", function (event) {
    var cell = cellOf(document.activeElement);
    if (!cell || !open() || !event.clipboardData) { return; }
    event.preventDefault();
    paste(cell, event.clipboardData.getData("text/plain"));
  });
  document.addEventListener("copy", function (event) {
    var cell = cellOf(document.activeElement);
    if (!cell || !event.clipboardData || String(window.getSelection())) { return; }
    event.preventDefault();
    event.clipboardData.setData("text/plain", cell.dataset.raw);
  });

  /* One cell can be reached with Tab: the one that was left last, else the first. */
  new MutationObserver(function () {
    var found = table();
    if (!found || found.querySelector('td[tabindex="0"]')) { return; }
    var cells = Array.prototype.slice.call(found.querySelectorAll("td[data-key]"));
    var same = cells.filter(function (cell) { return last && cell.dataset.key === last.key && cell.dataset.month === last.month; })[0];
    if (same || cells[0]) { (same || cells[0]).tabIndex = 0; }
    if (same && held && document.activeElement === document.body) { same.focus({ preventScroll: true }); }
  }).observe(document.documentElement, { childList: true, subtree: true });

  /* The file: a plain request beside Dash. */
  function upload(file, button) {
    var body = new FormData();
    body.append("file", file);
    button.disabled = true;
    fetch("/files/upload", { method: "POST", body: body, headers: { "X-CSRFToken": window.crmAsk.token() } })
      .then(function (answer) { return answer.json().then(function (data) { return { fine: answer.status === 201, data: data }; }); })
      .then(function (answer) {
        if (!answer.fine) { throw new Error(answer.data.text || ""); }
        dash.set_props("targets-file", { data: { id: answer.data.id, at: Date.now() } });
      })
      .catch(function (error) {
        var text = error instanceof TypeError || !error.message ? button.dataset.failed : error.message;
        dash.set_props("frame-toast", { data: { id: String(Date.now()), toasts: [{ kind: "error", text: text }] } });
      })
      .then(function () { button.disabled = false; });
  }
  document.addEventListener("click", function (event) {
    var button = event.target.closest && event.target.closest("#targets-load");
    if (!button) { return; }
    var field = document.createElement("input");
    field.type = "file";
    field.accept = ".csv,.tsv,.txt,.gz,.xlsx,.xls,.ods";
    field.addEventListener("change", function () { if (field.files.length) { upload(field.files[0], button); } });
    field.click();
  });
}());
