/* A panel as a picture: what stands on the screen is written as SVG, element by element, and drawn from it as PNG. */
(function () {
  "use strict";
  var NS = "http://www.w3.org/2000/svg", SCALE = 2, MARGIN = 12, fonts = null;

  function node(name, attributes, content) {
    var made = document.createElementNS(NS, name);
    Object.keys(attributes).forEach(function (key) { made.setAttribute(key, attributes[key]); });
    if (content !== undefined) { made.textContent = content; }
    return made;
  }

  function seen(colour) { return colour && colour !== "transparent" && !/,\s*0\)$/.test(colour); }

  /* Boxes: background, frame, a mask (sparklines and icons are masks over a colour). */
  function box(out, element, style, place, at) {
    var x = place.left - at.left, y = place.top - at.top, radius = parseFloat(style.borderTopLeftRadius) || 0;
    var mask = style.webkitMaskImage || style.maskImage, url = /url\("(data:image\/svg\+xml[^"]*)"\)/.exec(mask || "");
    if (url) {
      var drawing = new DOMParser().parseFromString(decodeURIComponent(url[1].replace(/^[^,]*,/, "")), "image/svg+xml").documentElement;
      if (drawing.nodeName === "svg") {
        drawing.setAttribute("x", x); drawing.setAttribute("y", y);
        drawing.setAttribute("width", place.width); drawing.setAttribute("height", place.height);
        drawing.querySelectorAll("*").forEach(function (part) {
          ["fill", "stroke"].forEach(function (name) {
            if (part.hasAttribute(name) && part.getAttribute(name) !== "none") { part.setAttribute(name, style.backgroundColor); }
          });
        });
        if (drawing.hasAttribute("stroke")) { drawing.setAttribute("stroke", style.backgroundColor); }
        out.append(document.importNode(drawing, true));
      }
      return;
    }
    if (seen(style.backgroundColor)) {
      out.append(node("rect", { x: x, y: y, width: place.width, height: place.height, rx: Math.min(radius, place.height / 2), fill: style.backgroundColor }));
    }
    [["Top", x, y, x + place.width, y], ["Bottom", x, y + place.height, x + place.width, y + place.height],
     ["Left", x, y, x, y + place.height], ["Right", x + place.width, y, x + place.width, y + place.height]].forEach(function (side) {
      var width = parseFloat(style["border" + side[0] + "Width"]), colour = style["border" + side[0] + "Color"];
      if (!width || style["border" + side[0] + "Style"] === "none" || !seen(colour)) { return; }
      var line = { x1: side[1], y1: side[2], x2: side[3], y2: side[4], stroke: colour, "stroke-width": width };
      if (style["border" + side[0] + "Style"] === "dashed") { line["stroke-dasharray"] = "3 2"; }
      out.append(node("line", line));
    });
  }

  /* Text: one element per line on the screen. */
  function words(out, child, style, at) {
    var range = document.createRange(), line = null, raw = child.data;
    function flush() {
      if (!line || !line.text.trim()) { line = null; return; }
      out.append(node("text", {
        x: line.left - at.left, y: line.top - at.top + line.height * 0.76, fill: style.color, "font-size": style.fontSize,
        "font-weight": style.fontWeight, "font-family": "Inter, 'Segoe UI', Roboto, Arial, sans-serif",
        style: "font-variant-numeric: tabular-nums; white-space: pre"
      }, line.text));
      line = null;
    }
    for (var index = 0; index < raw.length; index += 1) {
      range.setStart(child, index); range.setEnd(child, index + 1);
      var place = range.getClientRects()[0];
      if (!place || !place.width) { continue; }
      if (line && Math.abs(place.top - line.top) > 3) { flush(); }
      if (!line) { line = { left: place.left, top: place.top, height: place.height, text: "" }; }
      line.text += raw[index] === "\n" ? " " : raw[index];
    }
    flush();
  }

  /* Drawings that are SVG already (plotly's) keep their shape; what style sheets give them is written into them. */
  function drawing(out, element, at) {
    var copy = element.cloneNode(true), place = element.getBoundingClientRect();
    var from = element.querySelectorAll("*"), to = copy.querySelectorAll("*");
    for (var index = 0; index < from.length; index += 1) {
      var style = getComputedStyle(from[index]);
      ["fill", "stroke", "stroke-width", "font-size", "font-family", "font-weight", "opacity", "text-anchor"].forEach(function (name) {
        to[index].style.setProperty(name, style.getPropertyValue(name));
      });
    }
    copy.setAttribute("x", place.left - at.left); copy.setAttribute("y", place.top - at.top);
    copy.setAttribute("width", place.width); copy.setAttribute("height", place.height);
    out.append(copy);
  }

  function walk(out, element, at) {
    var style = getComputedStyle(element), place = element.getBoundingClientRect();
    if (style.display === "none" || style.visibility === "hidden" || Number(style.opacity) === 0) { return; }
    if (element.matches(".panel-tools, .only-reader, [data-panel-rows]")) { return; }
    var group = out;
    if (Number(style.opacity) < 1) { group = node("g", { opacity: style.opacity }); out.append(group); }
    if (element.namespaceURI === NS) { drawing(group, element, at); return; }
    if (place.width && place.height) { box(group, element, style, place, at); }
    element.childNodes.forEach(function (child) {
      if (child.nodeType === Node.TEXT_NODE) { words(group, child, style, at); }
      else if (child.nodeType === Node.ELEMENT_NODE) { walk(group, child, at); }
    });
  }

  /* What scrolls within a panel is whole in its picture. Nothing is painted in between. */
  function svg(panel) {
    panel.classList.add("is-pictured");
    try { return drawn(panel); } finally { panel.classList.remove("is-pictured"); }
  }

  function drawn(panel) {
    var place = panel.getBoundingClientRect(), at = { left: place.left - MARGIN, top: place.top - MARGIN };
    var width = Math.ceil(place.width) + 2 * MARGIN, height = Math.ceil(place.height) + 2 * MARGIN;
    var out = node("svg", { xmlns: NS, width: width, height: height, viewBox: "0 0 " + width + " " + height });
    out.append(node("rect", { width: width, height: height, fill: getComputedStyle(panel).backgroundColor }));
    walk(out, panel, at);
    return out;
  }

  /* A picture in a picture sees none of the page's fonts: they go along. */
  function withFonts(out) {
    fonts = fonts || Promise.all(fontFaces().map(function (face) {
      return fetch(face.url).then(function (answer) { return answer.blob(); }).then(dataAddress).then(function (address) {
        return "@font-face{font-family:Inter;font-weight:" + face.weight + ";unicode-range:" + face.range + ";src:url(" + address + ")}";
      });
    })).then(function (rules) { return rules.join(""); }, function () { return ""; });
    return fonts.then(function (rules) { out.prepend(node("style", {}, rules)); return out; });
  }

  function fontFaces() {
    var found = [];
    Array.prototype.forEach.call(document.styleSheets, function (sheet) {
      var rules = [];
      try { rules = sheet.cssRules; } catch (error) { return; }
      Array.prototype.forEach.call(rules, function (rule) {
        if (!(rule instanceof CSSFontFaceRule) || rule.style.getPropertyValue("font-family").indexOf("Inter") === -1) { return; }
        var url = /url\("?([^")]+)"?\)/.exec(rule.style.getPropertyValue("src"));
        if (!url) { return; }
        found.push({
          url: new URL(url[1], sheet.href || window.location.href).href,
          weight: rule.style.getPropertyValue("font-weight") || "400",
          range: rule.style.getPropertyValue("unicode-range") || "U+0-10FFFF"
        });
      });
    });
    return found;
  }

  function dataAddress(blob) {
    return new Promise(function (resolve, reject) {
      var reader = new FileReader();
      reader.onload = function () { resolve(reader.result); };
      reader.onerror = reject;
      reader.readAsDataURL(blob);
    });
  }

  function keep(blob, name) {
    var link = document.createElement("a");
    link.href = URL.createObjectURL(blob);
    link.download = name;
    document.body.append(link);
    link.click();
    link.remove();
    window.setTimeout(function () { URL.revokeObjectURL(link.href); }, 10000);
  }

  function png(source, width, height) {
    return new Promise(function (resolve, reject) {
      var image = new Image();
      image.onload = function () {
        var canvas = document.createElement("canvas");
        canvas.width = width * SCALE; canvas.height = height * SCALE;
        canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
        canvas.toBlob(function (blob) { if (blob) { resolve(blob); } else { reject(new Error("canvas")); } }, "image/png");
      };
      image.onerror = reject;
      image.src = "data:image/svg+xml;charset=utf-8," + encodeURIComponent(source);
    });
  }

  function save(slot, title, format) {
    var panel = slot.querySelector(".panel") || slot, out = svg(panel), name = title.replace(/[\\/:*?"<>|]+/g, " ").trim() + "." + format;
    return withFonts(out).then(function () {
      var source = new XMLSerializer().serializeToString(out);
      if (format === "svg") { keep(new Blob([source], { type: "image/svg+xml" }), name); return null; }
      return png(source, Number(out.getAttribute("width")), Number(out.getAttribute("height"))).then(function (blob) { keep(blob, name); });
    }).catch(function () {
      if (window.appToast) { window.appToast({ kind: "error", text: JSON.parse(document.getElementById("overview-texts").dataset.texts).picture_failed }); }
    });
  }

  window.crmPicture = { save: save, svg: svg };
}());
