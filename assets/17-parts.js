/* Small parts that scripts put into a page themselves: a button, a piece of text. */
(function () {
  "use strict";

  function button(text, tone, act) {
    var made = document.createElement("button");
    made.type = "button";
    made.className = "btn btn-sm btn-" + tone;
    made.textContent = text;
    made.addEventListener("click", act);
    return made;
  }

  function piece(className, text) {
    var made = document.createElement("div");
    made.className = className;
    made.textContent = text || "";
    return made;
  }

  window.crmParts = { button: button, piece: piece };
}());
