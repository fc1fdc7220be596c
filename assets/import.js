/* Uploads of the import page: a plain request beside Dash, so that large files go straight to the server. */
(function () {
  "use strict";

  function zone() { return document.getElementById("import-drop"); }


  function input() {
    /* Dash has no file input: it is put into the zone when the zone appears. */
    var place = zone();
    if (!place) { return null; }
    var found = document.getElementById("import-file-input");
    if (!found) {
      found = document.createElement("input");
      found.type = "file";
      found.id = "import-file-input";
      found.accept = ".csv,.tsv,.txt,.gz,.xlsx,.xls,.ods";
      found.setAttribute("aria-label", place.dataset.label || "");
      found.tabIndex = -1;
      found.addEventListener("change", function () { if (found.files.length) { send(found.files[0]); } });
      place.appendChild(found);
    }
    return found;
  }

  function show(name, value) {
    var part = document.getElementById(name);
    if (part) { part.textContent = value; }
  }

  function progress(share) {
    var bar = document.getElementById("import-upload-bar");
    if (bar && bar.firstElementChild) { bar.firstElementChild.style.width = Math.round(share * 100) + "%"; }
  }

  function failed(message) {
    var place = zone();
    if (!place) { return; }
    place.classList.remove("busy");
    show("import-upload-problem", message || place.dataset.failed || "");
    var field = document.getElementById("import-file-input");
    if (field) { field.value = ""; }
  }

  function send(file) {
    var place = zone();
    var limit = Number(place.dataset.limit || 0);
    show("import-upload-problem", "");
    if (limit && file.size > limit) { failed(place.dataset.toolarge); return; }
    place.classList.add("busy");
    progress(0);
    show("import-upload-name", file.name);
    var body = new FormData();
    body.append("file", file);
    var request = new XMLHttpRequest();
    request.open("POST", "/files/upload");
    request.setRequestHeader("X-CSRFToken", window.crmAsk.token());
    request.upload.addEventListener("progress", function (event) {
      if (event.lengthComputable) { progress(event.loaded / event.total); }
    });
    request.addEventListener("load", function () {
      var answer = {};
      try { answer = JSON.parse(request.responseText); } catch (error) { answer = {}; }
      if (request.status === 201) {
        window.dash_clientside.set_props("import-file", { data: { id: answer.id } });
      } else {
        failed(answer.text);
      }
    });
    request.addEventListener("error", function () { failed(); });
    request.addEventListener("abort", function () { failed(); });
    request.send(body);
  }

  document.addEventListener("click", function (event) {
    if (event.target.closest("#import-choose")) { var field = input(); if (field) { field.click(); } }
  });
  ["dragenter", "dragover"].forEach(function (kind) {
    document.addEventListener(kind, function (event) {
      var place = zone();
      if (!place) { return; }
      event.preventDefault();
      place.classList.toggle("over", place.contains(event.target));
    });
  });
  document.addEventListener("dragleave", function (event) {
    var place = zone();
    if (place && !place.contains(event.relatedTarget)) { place.classList.remove("over"); }
  });
  document.addEventListener("drop", function (event) {
    var place = zone();
    if (!place) { return; }
    event.preventDefault();
    place.classList.remove("over");
    if (place.contains(event.target) && event.dataTransfer.files.length) { send(event.dataTransfer.files[0]); }
  });
  new MutationObserver(function () { if (zone()) { input(); } }).observe(document.documentElement, { childList: true, subtree: true });
})();
