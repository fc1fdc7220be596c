/* The forecast's chart as a picture: the button stands in the panel it takes. */
(function () {
  "use strict";
  document.addEventListener("click", function (event) {
    var button = event.target.closest && event.target.closest("[data-picture]");
    var slot = button && button.closest("[data-slot]");
    if (slot && window.crmPicture) { window.crmPicture.save(slot, button.dataset.picture, "png"); }
  });
}());
