/* The filter builder: conditions, groups of all / any, relations. Its tree is the grammar's own JSON form. */
(function () {
  "use strict";
  var dash = (window.dash_clientside = window.dash_clientside || {});
  var shared = (window.crmGrids = window.crmGrids || { rows: {}, ranges: {} });
  var open = {};

  function make(tag, attributes, children) {
    var node = document.createElement(tag);
    Object.keys(attributes || {}).forEach(function (key) {
      if (key === "text") { node.textContent = attributes[key]; } else if (key.indexOf("on") === 0) { node.addEventListener(key.slice(2), attributes[key]); } else if (attributes[key] !== null && attributes[key] !== undefined) { node.setAttribute(key, attributes[key]); }
    });
    (children || []).forEach(function (child) { if (child) { node.append(child); } });
    return node;
  }

  /* The JSON form knows plain conditions anywhere; here everything stands in a group. */
  function grouped(tree) {
    if (tree && (tree.all || tree.any)) { return tree; }
    return { all: tree ? [tree] : [] };
  }
  function inner(where) { return grouped(where && where.all && !where.all.length ? null : where); }

  function kindOf(group) { return group.any ? "any" : "all"; }
  function itemsOf(group) { return group.all || group.any; }

  function clean(node) {
    if (node.field) { return { field: node.field, op: node.op, values: node.values || [] }; }
    if (node.not) { var child = clean(node.not); return child && { not: child }; }
    if (node.has) { return { has: node.has, where: clean(node.where) || { all: [] } }; }
    var kept = itemsOf(node).map(clean).filter(Boolean);
    if (!kept.length) { return null; }
    if (kept.length === 1) { return kept[0]; }
    return kindOf(node) === "any" ? { any: kept } : { all: kept };
  }

  function Builder(page, root, schema, tree, words) {
    this.page = page; this.root = root; this.schema = schema; this.words = words; this.tree = grouped(tree);
  }

  Builder.prototype.fieldsOf = function (entity) {
    var found = [], schema = this.schema, own = schema[entity];
    own.fields.forEach(function (field) { found.push({ path: field.name, label: field.label, field: field, group: "" }); });
    own.relations.filter(function (relation) { return !relation.many; }).forEach(function (relation) {
      found.push({ path: relation.name, label: relation.label, group: "", field: { kind: "link", options: relation.options, operators: ["=", "!=", "in", "not in", "is null", "is not null"] }, hidden: !relation.options });
      schema[relation.target].fields.forEach(function (field) {
        found.push({ path: relation.name + "." + field.name, label: field.label, field: field, group: relation.label });
      });
    });
    return found.filter(function (item) { return !item.hidden; });
  };

  Builder.prototype.changed = function () {
    var builder = this;
    window.clearTimeout(this.timer);
    this.timer = window.setTimeout(function () { shared.tell(builder.page, "builder-draft", { tree: clean(builder.tree) || { all: [] } }); }, 250);
  };

  Builder.prototype.draw = function (focus) {
    this.root.replaceChildren(this.group(this.tree, this.schema.entity, null));
    if (focus) { var node = this.root.querySelector("[data-new]"); if (node) { node.focus(); node.removeAttribute("data-new"); } }
    this.changed();
  };

  Builder.prototype.group = function (group, entity, remove) {
    var builder = this, words = this.words, kind = kindOf(group);
    function turn(to) { var items = itemsOf(group); delete group.all; delete group.any; group[to] = items; builder.draw(); }
    var head = make("div", { class: "fb-head" }, [
      make("div", { class: "btn-group", role: "group" }, ["all", "any"].map(function (name) {
        return make("button", { type: "button", class: "btn btn-sm btn-secondary" + (name === kind ? " active" : ""), "aria-pressed": String(name === kind), text: words[name + "_of"], onclick: function () { turn(name); } });
      })),
      make("span", { class: "t3", text: words[kind + "_hint"] }), remove ? builder.cross(remove, words.remove_group) : null
    ]);
    var body = itemsOf(group).map(function (item, index) {
      function drop() { itemsOf(group).splice(index, 1); builder.draw(); }
      if (item.field) { return builder.condition(item, entity, drop); }
      if (item.has) { return builder.relation(item, entity, drop); }
      if (item.not) { return builder.negation(item, entity, drop); }
      return builder.group(item, entity, drop);
    });
    var many = this.schema[entity].relations.filter(function (relation) { return relation.many; });
    var foot = make("div", { class: "fb-add" }, [
      builder.adder(words.condition, function () { var first = builder.fieldsOf(entity)[0]; itemsOf(group).push({ field: first.path, op: first.field.operators[0], values: [], fresh: true }); }),
      builder.adder(words.group, function () { itemsOf(group).push(kind === "all" ? { any: [] } : { all: [] }); }),
      many.length ? make("select", { class: "form-select form-select-sm fb-relation", "aria-label": words.relation, onchange: function (event) {
        if (event.target.value) { itemsOf(group).push({ has: event.target.value, where: { all: [] } }); builder.draw(true); }
      } }, [make("option", { value: "", text: "+ " + words.relation })].concat(many.map(function (relation) { return make("option", { value: relation.name, text: relation.label }); }))) : null
    ]);
    return make("div", { class: "fb-group fb-" + kind, role: "group", "aria-label": words[kind + "_hint"] }, [head].concat(body, [foot]));
  };

  Builder.prototype.adder = function (text, add) {
    var builder = this;
    return make("button", { type: "button", class: "btn btn-link btn-sm", text: "+ " + text, onclick: function () { add(); builder.draw(true); } });
  };

  Builder.prototype.cross = function (remove, label) {
    return make("button", { type: "button", class: "btn btn-link btn-icon btn-sm fb-remove", title: label, "aria-label": label, onclick: remove }, [make("i", { class: "i i-x i-s", "aria-hidden": "true" })]);
  };

  Builder.prototype.relation = function (item, entity, drop) {
    var builder = this, words = this.words, negated = false;
    var relation = this.schema[entity].relations.filter(function (other) { return other.name === item.has; })[0];
    if (!relation) { return make("div", { class: "fb-row", text: item.has }, [builder.cross(drop, words.remove)]); }
    item.where = inner(item.where);
    return make("div", { class: "fb-has" }, [
      make("div", { class: "fb-head" }, [make("i", { class: "i i-link i-s", "aria-hidden": "true" }), make("b", { text: relation.label }), make("span", { class: "t3", text: words.has }), builder.cross(drop, words.remove)]),
      builder.group(item.where, relation.target, null)
    ]);
  };

  Builder.prototype.negation = function (item, entity, drop) {
    var child = item.not.all || item.not.any ? item.not : { all: [item.not] };
    item.not = child;
    return make("div", { class: "fb-not" }, [make("div", { class: "fb-head" }, [make("b", { text: this.words.not }), this.cross(drop, this.words.remove)]), this.group(child, entity, null)]);
  };

  Builder.prototype.condition = function (item, entity, drop) {
    var builder = this, words = this.words, fields = this.fieldsOf(entity);
    var chosen = fields.filter(function (other) { return other.path === item.field; })[0];
    if (!chosen) { chosen = { path: item.field, label: item.field, group: "", field: { kind: "text", operators: [item.op] } }; fields = fields.concat([chosen]); }
    var groups = {}, select = make("select", { class: "form-select form-select-sm", "aria-label": words.field, onchange: function (event) {
      var next = fields.filter(function (other) { return other.path === event.target.value; })[0];
      item.field = next.path; item.values = [];
      if (next.field.operators.indexOf(item.op) < 0) { item.op = next.field.operators[0]; }
      builder.draw();
    } });
    if (item.fresh) { select.setAttribute("data-new", ""); delete item.fresh; }
    fields.forEach(function (other) {
      var option = make("option", { value: other.path, text: other.label });
      option.selected = other.path === item.field;
      if (!other.group) { select.append(option); return; }
      if (!groups[other.group]) { groups[other.group] = make("optgroup", { label: other.group }); select.append(groups[other.group]); }
      groups[other.group].append(option);
    });
    var operators = make("select", { class: "form-select form-select-sm", "aria-label": words.operator, onchange: function (event) { item.op = event.target.value; builder.draw(); } },
      chosen.field.operators.map(function (name) { var option = make("option", { value: name, text: words.operators[name] || name }); option.selected = name === item.op; return option; }));
    return make("div", { class: "fb-row" }, [select, operators, builder.values(item, chosen), builder.cross(drop, words.remove)]);
  };

  Builder.prototype.values = function (item, chosen) {
    var builder = this, field = chosen.field, words = this.words;
    if (item.op === "is null" || item.op === "is not null") { return make("span"); }
    item.values = item.values || [];
    if (field.options && field.options.length) {
      var many = item.op === "in" || item.op === "not in", known = item.values.map(String);
      if (!many) { known = known.slice(0, 1); if (!known.length) { known = [String(field.options[0][0])]; item.values = [typed(field, known[0])]; } }
      var list = make("select", { class: "form-select form-select-sm", "aria-label": words.value, onchange: function (event) {
        item.values = Array.from(event.target.selectedOptions).map(function (option) { return typed(field, option.value); }); builder.changed();
      } });
      if (many) { list.multiple = true; list.size = Math.min(5, field.options.length); }
      field.options.forEach(function (pair) { var option = make("option", { value: String(pair[0]), text: pair[1] }); option.selected = known.indexOf(String(pair[0])) >= 0; list.append(option); });
      return list;
    }
    var count = item.op === "between" ? 2 : 1, line = make("span", { class: "fb-values" });
    for (var index = 0; index < count; index++) { line.append(builder.entry(item, field, index)); }
    return line;
  };

  Builder.prototype.entry = function (item, field, index) {
    var builder = this, day = field.kind === "date" || field.kind === "moment", whole = item.op === "in" || item.op === "not in";
    var number = ["integer", "number", "money", "share"].indexOf(field.kind) >= 0;
    var before = whole ? item.values.join(", ") : item.values[index];
    if (field.kind === "share" && before !== undefined && before !== "") { before = String(Math.round(Number(before) * 1e6) / 1e4); }
    var plainDay = day && /^\d{4}-\d\d-\d\d$/.test(before || ""), relative = day && before && !plainDay;
    return make("input", {
      class: "form-control form-control-sm", type: day && !relative && !whole ? "date" : "text", value: before === undefined ? "" : String(before), "aria-label": builder.words.value, inputmode: number ? "decimal" : null, maxlength: 200,
      oninput: function (event) {
        var text = event.target.value.trim();
        if (number && !whole) { text = window.dashAgGridFunctions.plainSum(text); }
        if (field.kind === "share" && text !== "" && !isNaN(Number(text))) { text = String(Number(text) / 100); }
        if (field.kind === "integer" && /^-?\d+$/.test(text)) { text = Number(text); }
        if (whole) { item.values = text.split(",").map(function (word) { return word.trim(); }).filter(Boolean); } else { item.values[index] = text; }
        builder.changed();
      }
    });
  };

  function typed(field, value) { return field.kind === "boolean" ? value === "true" : field.kind === "link" || field.kind === "integer" ? Number(value) : value; }

  dash.filterBuilder = {
    /* The server's answer to the button: fields and the tree of the address. */
    show: function (given) {
      if (!given) { return dash.no_update; }
      var page = given.page, root = document.getElementById(page + "-builder-body"), panel = document.getElementById(page + "-builder");
      if (!root || !given.schema) { return dash.no_update; }
      panel.hidden = false;
      open[page] = new Builder(page, root, given.schema, given.tree, given.words);
      if (!itemsOf(open[page].tree).length) { open[page].tree.all.push({ field: open[page].fieldsOf(given.schema.entity)[0].path, op: open[page].fieldsOf(given.schema.entity)[0].field.operators[0], values: [], fresh: true }); }
      open[page].draw(true);
      var first = root.querySelector("select, input, button");
      if (first) { first.focus(); }
      return dash.no_update;
    }
  };

  function close(page) { var panel = document.getElementById(page + "-builder"), button = document.getElementById(page + "-builder-open"); panel.hidden = true; if (button) { button.focus(); } }
  document.addEventListener("click", function (event) {
    var button = event.target.closest("[data-builder]"), area = button && button.closest("[data-page]");
    if (!area) { return; }
    var page = area.dataset.page, action = button.dataset.builder;
    if (action === "apply" && open[page]) { shared.tell(page, "pick", { tree: clean(open[page].tree) || { all: [] } }); }
    if (action === "reset" && open[page]) { open[page].tree = { all: [] }; open[page].draw(); return; }
    close(page);
  });
  document.addEventListener("keydown", function (event) {
    var panel = event.key === "Escape" && event.target.closest(".filter-builder"), area = panel && panel.closest("[data-page]");
    if (area) { event.stopPropagation(); close(area.dataset.page); }
  });
}());
