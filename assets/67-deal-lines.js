/* What a deal's lines come to while one types, in the deal's currency; the stored sums are the server's. */
(function () {
  "use strict";
  var dash = (window.dash_clientside = window.dash_clientside || {});

  /* A number as it stands in a field; what is empty counts as the server would have it. */
  function read(written, empty) {
    var plain = window.dashAgGridFunctions.plainSum(written);
    return plain === "" ? empty : Number(plain);
  }

  dash.lines = {
    sums: function (quantities, prices, discounts, currency) {
      function money(cents) { return window.dashAgGridFunctions.money(cents / 100, currency); }
      var total = 0, off = 0, known = 0;
      var texts = quantities.map(function (written, index) {
        var quantity = read(written, 1), price = read(prices[index], NaN), discount = read(discounts[index], 0);
        var cents = Math.round(quantity * price * (100 - discount) + Number.EPSILON);
        if (isNaN(cents)) { return ""; }
        known += 1;
        total += cents;
        off += Math.round(quantity * price * discount + Number.EPSILON);
        return money(cents);
      });
      return [texts, known ? money(total) : "", off ? money(-off) : ""];
    }
  };
}());
