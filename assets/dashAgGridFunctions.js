/* Formatters and editors' choices for the grids; called by name, parsed by dash-ag-grid without eval. */
(function () {
  "use strict";
  var functions = (window.dashAgGridFunctions = window.dashAgGridFunctions || {});
  var NBSP = "\u00a0", MINUS = "\u2212";

  function locale() { return document.documentElement.lang === "en" ? "en-GB" : "ru-RU"; }

  function number(value, digits) {
    return new Intl.NumberFormat(locale(), { minimumFractionDigits: digits, maximumFractionDigits: digits })
      .format(Math.abs(value)).replace(/[\s\u202f]/g, NBSP);
  }

  /* The currencies' signs as the server writes them: code -> sign in the page's language. */
  var known = null;
  function signs() {
    var holder = known ? null : document.getElementById("frame-texts");
    if (holder) { known = JSON.parse(holder.textContent).currency_signs || {}; }
    return known || {};
  }

  functions.money = function (value, currency) {
    if (value === null || value === undefined || value === "") { return ""; }
    var amount = Number(value), digits = Math.round(amount * 100) % 100 ? 2 : 0, code = currency || "";
    var symbol = signs()[code] || code, sign = amount < 0 ? MINUS : "";
    return locale() === "ru-RU" ? sign + number(amount, digits) + NBSP + symbol : sign + symbol + number(amount, digits);
  };

  /* In a column sums stand without kopecks; the editor and the record have them. */
  functions.sum = function (value, currency) {
    return value === null || value === undefined || value === "" ? "" : functions.money(Math.round(Number(value)), currency);
  };

  /* A sum as people write it, with a point and nothing else, as the server reads it (i18n.plain_sum). */
  functions.plainSum = function (text) {
    var written = text === null || text === undefined ? "" : String(text);
    var bare = written.replace(/[\s\u00a0\u202f]/g, "").split(MINUS).join("-");
    var decimal = bare.lastIndexOf(".") > bare.lastIndexOf(",") ? "." : ",", other = decimal === "." ? "," : ".";
    if (bare.split(decimal).length > 2 && bare.indexOf(other) < 0 ||
        decimal === "," && locale() !== "ru-RU" && /^-?\d{1,3},\d{3}$/.test(bare)) { decimal = other; other = decimal === "." ? "," : "."; }
    var plain = bare.split(other).join("").split(decimal).join(".");
    return /^(-?\d+(\.\d*)?|-?\.\d+)$/.test(plain) ? plain : written;
  };

  functions.count = function (value) {
    return value === null || value === undefined ? "" : (value < 0 ? MINUS : "") + number(Number(value), 0);
  };

  functions.day = function (value) {
    if (!value) { return ""; }
    var part = String(value).slice(0, 10).split("-");
    if (part.length !== 3) { return String(value); }
    if (locale() === "ru-RU") { return part[2] + "." + part[1] + "." + part[0]; }
    return new Date(Date.UTC(+part[0], +part[1] - 1, +part[2])).toLocaleDateString("en-GB", { day: "numeric", month: "short", year: "numeric", timeZone: "UTC" });
  };

  functions.share = function (value) {
    if (value === null || value === undefined) { return ""; }
    return number(value * 100, 0) + (locale() === "ru-RU" ? NBSP : "") + "%";
  };

  functions.named = function (names, value) {
    return value === null || value === undefined || value === "" ? "" : (names || {})[String(value)] || "";
  };

  functions.stagesOf = function (params) {
    var pipelines = ((params.colDef || {}).context || {}).pipelines || {};
    return { values: pipelines[String((params.data || {}).pipeline_id)] || [] };
  };

  functions.canEdit = function (params) {
    if (!params.data || !(params.context || {}).editable) { return false; }
    var locked = params.data.locked;  // what follows from other records is not typed over
    return !(locked && params.colDef && locked.indexOf(params.colDef.field) >= 0);
  };

  functions.justSaved = function (params) { return Boolean(params.data && params.data._saved === params.colDef.field); };
}());
