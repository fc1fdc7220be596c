/* The row of filters below a grid's head, and what cells are drawn and typed with beyond the grid's own. */
(function () {
  "use strict";
  var functions = (window.dashAgGridFunctions = window.dashAgGridFunctions || {});
  var components = (window.dashAgGridComponentFunctions = window.dashAgGridComponentFunctions || {});
  var shared = (window.crmGrids = window.crmGrids || { rows: {}, ranges: {} });

  function element() { return window.React.createElement.apply(null, arguments); }

  components.RowFilter = function (props) {
    var R = window.React, holder = R.useRef(null), found = R.useState({}), said = found[0], setSaid = found[1];
    var drafted = R.useState(null), draft = drafted[0], setDraft = drafted[1], timer = R.useRef(0);
    R.useEffect(function () {
      function follow() {
        var rows = shared.rows[shared.pageOf(holder.current)] || {};
        setSaid(rows[props.field] || {}); setDraft(null);
      }
      follow();
      window.addEventListener("crm-row-filters", follow);
      return function () { window.removeEventListener("crm-row-filters", follow); window.clearTimeout(timer.current); };
    }, [props.field]);
    var shown = document.querySelector("[data-page]"), page = shared.pageOf(holder.current) || (shown ? shown.dataset.page : "");
    var words = page ? shared.texts(page) : {};
    function send(text) {
      window.clearTimeout(timer.current);
      if (text !== (said.text || "")) { shared.tell(page, "pick", { column: props.field, text: text }); }
    }
    function open(event) {
      var chosen = {}, list = document.createElement("div"), anchor = event.currentTarget, before = (said.values || []).map(String);
      before.forEach(function (value) { chosen[value] = true; });
      list.className = "grid-popover-list";
      props.options.forEach(function (option) {
        var label = document.createElement("label"), box = document.createElement("input");
        box.type = "checkbox"; box.checked = Boolean(chosen[option[0]]);
        box.addEventListener("change", function () { chosen[option[0]] = box.checked; });
        label.append(box, " " + option[1]); list.appendChild(label);
      });
      if (!props.options.length) { list.textContent = words.nothing || ""; }
      shared.popover(anchor, list, props.label).onclosed = function () {
        var values = props.options.map(function (option) { return option[0]; }).filter(function (value) { return chosen[value]; });
        if (values.join("\u0000") !== before.join("\u0000")) { shared.tell(page, "pick", { column: props.field, values: values }); }
      };
    }
    if (props.kind === "list") {
      var names = (said.values || []).map(function (value) {
        var hit = props.options.filter(function (option) { return String(option[0]) === String(value); })[0];
        return hit ? hit[1] : String(value);
      });
      return element("button", {
        ref: holder, type: "button", className: "row-filter row-filter-list" + (names.length || said.text ? " is-set" : ""), onClick: open,
        "aria-haspopup": "dialog", "aria-label": (names.length === 1 ? names[0] : names.length || said.text || words.all || "") + ", " + (words.filter || "") + ": " + props.label, title: names.join(", ")
      }, names.length ? (names.length === 1 ? names[0] : String(names.length)) : said.text || words.all || "\u00a0");
    }
    return element("input", {
      ref: holder, type: "text", className: "row-filter" + (said.text ? " is-set" : ""), value: draft === null ? said.text || "" : draft,
      placeholder: words[props.kind] || "", maxLength: 200, "aria-label": (words.filter || "") + ": " + props.label, spellCheck: false,
      onChange: function (event) {
        var text = event.target.value;
        setDraft(text);
        window.clearTimeout(timer.current);
        if (props.kind === "text") { timer.current = window.setTimeout(function () { send(text); }, 350); }
      },
      onBlur: function (event) { send(event.target.value.trim()); },
      onKeyDown: function (event) {
        event.stopPropagation();
        if (event.key === "Enter") { send(event.target.value.trim()); }
        if (event.key === "Escape") { setDraft(null); }
      }
    });
  };

  components.TagsCell = function (props) {
    var words = String(props.value || "").split(",").map(function (word) { return word.trim(); }).filter(Boolean);
    return words.length ? element("span", { className: "cell-tags" }, words.map(function (word) { return element("span", { key: word, className: "tag" }, word); })) : "";
  };

  /* Words that mostly repeat: a field with what is known below it. */
  functions.SuggestEditor = class {
    init(params) {
      this.field = document.createElement("input");
      this.field.type = "text"; this.field.className = "suggest-editor"; this.field.value = params.value || "";
      var list = document.createElement("datalist");
      list.id = "suggest-" + Math.random().toString(36).slice(2);
      (params.known || []).forEach(function (word) { var item = document.createElement("option"); item.value = word; list.appendChild(item); });
      this.field.setAttribute("list", list.id);
      this.field.setAttribute("aria-label", params.colDef.headerName);
      this.box = document.createElement("div"); this.box.className = "suggest-box"; this.box.append(this.field, list);
      if (params.eventKey && params.eventKey.length === 1) { this.field.value = params.eventKey; }
      if (params.eventKey === "Backspace" || params.eventKey === "Delete") { this.field.value = ""; }
    }
    getGui() { return this.box; }
    afterGuiAttached() { this.field.focus(); this.field.select(); }
    getValue() { return this.field.value; }
  };
}());
