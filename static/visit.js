/* On site: the time is now, a photo goes as soon as it is taken. All of it is also done by the form's own fields and buttons. */
(function () {
  "use strict";

  function two(number) { return String(number).padStart(2, "0"); }

  /* The portal's time, not the phone's: its clock may be wrong, and its zone another one. */
  var form = document.getElementById("record");
  var ahead = form ? Date.parse(form.dataset.portalNow) - Date.now() : 0;
  function now() {
    var here = new Date(Date.now() + ahead + 8 * 3600000);  // Shanghai
    return here.getUTCFullYear() + "-" + two(here.getUTCMonth() + 1) + "-" + two(here.getUTCDate()) + "T" + two(here.getUTCHours()) + ":" + two(here.getUTCMinutes());
  }

  document.addEventListener("click", function (event) {
    var button = event.target.closest("[data-now]");
    if (!button) return;
    var cell = button.closest("[data-row]").querySelector("[data-column=when]");
    cell.value = now();
    cell.dispatchEvent(new Event("input", { bubbles: true }));
    cell.focus();
  });

  document.addEventListener("change", function (event) {
    var form = event.target.matches("input[type=file]") && event.target.closest("form[data-upload]");
    if (form && event.target.files.length && !form.dataset.busy) form.requestSubmit();
  });
})();
