/* The portal works without this file; it only makes the menus close and a form go out once. */
(function () {
  "use strict";
  var root = document.documentElement;
  root.classList.add("js");

  function toggle(button) {
    var target = document.getElementById(button.dataset.toggles);
    if (!target) return;
    var open = target.classList.toggle("is-open");
    button.setAttribute("aria-expanded", String(open));
  }

  function closeMenus(except) {
    document.querySelectorAll("details[data-menu][open]").forEach(function (menu) {
      if (menu !== except) menu.open = false;
    });
  }

  document.addEventListener("click", function (event) {
    var button = event.target.closest("[data-toggles]");
    if (button) toggle(button);
    var printer = event.target.closest("[data-print]");
    if (printer) window.print();
    closeMenus(event.target.closest("details[data-menu]"));
  });

  document.addEventListener("keydown", function (event) {
    if (event.key !== "Escape") return;
    var open = document.querySelector("details[data-menu][open]");
    if (!open) return;
    open.open = false;
    open.querySelector("summary").focus();
  });

  /* A second click while the first is under way sends nothing. The server guards itself; this spares people the refusal. */
  document.addEventListener("submit", function (event) {
    var form = event.target;
    if (form.method !== "post" || event.defaultPrevented || "repeat" in form.dataset) return;
    if (form.dataset.sent) {
      event.preventDefault();
      return;
    }
    form.dataset.sent = "yes";
    if (event.submitter) event.submitter.setAttribute("aria-busy", "true");
  });

  window.addEventListener("pageshow", function () {
    document.querySelectorAll("form[data-sent]").forEach(function (form) {
      delete form.dataset.sent;
      form.querySelectorAll("[aria-busy]").forEach(function (part) { part.removeAttribute("aria-busy"); });
    });
  });

  document.addEventListener("DOMContentLoaded", function () {
    var summary = document.querySelector(".error-summary");
    if (summary) summary.focus();
    /* A table wider than its frame can be scrolled with the keyboard too. */
    document.querySelectorAll(".table-wrap").forEach(function (frame) {
      if (frame.scrollWidth > frame.clientWidth) frame.tabIndex = 0;
    });
  });
})();
