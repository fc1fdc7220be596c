/* What a form that saves itself holds: its fields as they stand, and what of them differs from before the first touch. */
(function () {
  "use strict";

  function keyOf(area) {
    return [area.dataset.draftOwner, area.dataset.draft, area.dataset.draftRow].join(":");
  }

  function asId(text) {
    if (text.charAt(0) !== "{") { return text; }
    try { return JSON.parse(text); } catch (error) { return null; }  // Parts of a choice list: «{…}-value».
  }

  function layoutOf(id) {
    try { return id === null ? undefined : window.dash_component_api.getLayout(id); } catch (error) { return undefined; }
  }

  function fieldsOf(area) {
    return Array.prototype.filter.call(area.querySelectorAll("[id]"), function (element) {
      return element.closest("[data-draft]") === area && element.type !== "file" && element.type !== "password";
    });
  }

  function read(area) {
    var values = {};
    fieldsOf(area).forEach(function (element) {
      var part = layoutOf(asId(element.id));
      if (!part || !part.props || !("value" in part.props || element.matches("input,textarea,select"))) { return; }
      if (part.type === "Store" || part.props.readonly === true || part.props.disabled === true) { return; }
      // What stands in a field of text; Dash hears of it a moment later.
      var typed = element.matches("textarea, select, input:not([type=radio]):not([type=checkbox]):not([type=hidden])");
      var value = typed ? element.value : part.props.value;
      values[element.id] = value === undefined ? null : value;
    });
    return values;
  }

  function same(one, other) {
    function filled(value) { return value === null || value === undefined ? "" : value; }
    return JSON.stringify(filled(one)) === JSON.stringify(filled(other)) || String(filled(one)) === String(filled(other));
  }

  /* Values as text that does not depend on the order in which they were read. */
  function plain(values) {
    return JSON.stringify(Object.keys(values).sort().map(function (id) { return [id, values[id].value]; }));
  }

  /* A choice from a list that the server fills while one types keeps the name of what was chosen. */
  function chosen(id, value) {
    var props = (layoutOf(asId(id)) || {}).props || {};
    if (value === null || value === "" || !Array.isArray(props.options) || props.search_value === undefined && props.searchable === undefined) { return null; }
    return props.options.filter(function (option) { return option && option.value === value; })[0] || null;
  }

  function difference(area, before, whole) {
    var now = read(area), found = {}, any = Object.keys(before).some(function (id) { return !(id in now); });
    Object.keys(now).forEach(function (id) {
      var moved = !(id in before) || !same(before[id], now[id]);
      any = any || moved;
      if (moved || whole) {
        var option = chosen(id, now[id]);
        found[id] = option ? { value: now[id], options: [option] } : { value: now[id] };
      }
    });
    return any ? found : {};
  }

  window.crmDraftFields = { keyOf: keyOf, asId: asId, layoutOf: layoutOf, fieldsOf: fieldsOf, read: read, same: same, plain: plain, chosen: chosen, difference: difference };
}());
