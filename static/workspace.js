/* The scoring workspace: keys, the ladder, items that come without a new page, what is being read, a word after long rest.

Everything here is also done by links and the form's own buttons; autosave.js does the saving. */
(function () {
  "use strict";
  var form = document.getElementById("marks"), desk = document.querySelector("[data-desk]");
  if (!form || !desk) return;
  var items = form.querySelector("[data-items]"), say = document.querySelector("[data-say]");
  var MINUTE = 60000, TWO_KEYS = 900;  // milliseconds in which two digits are one percentage

  function here() { return Array.from(items.children).find(function (one) { return !one.hidden; }); }
  function told(text) { say.textContent = text; }

  // ── the ladder ──

  function ladder() { return here().querySelector("[data-ladder]"); }
  function radios(place) { return Array.from(place.querySelectorAll("input[type=radio]")); }

  function shown(place) {
    var one = place.querySelector("input:checked"), words = place.querySelector("[data-points-now]");
    var points = Number(place.closest("[data-item]").dataset.points);
    place.querySelectorAll("[data-band]").forEach(function (band) { band.classList.toggle("band-here", Boolean(one) && band.contains(one)); });
    words.textContent = one ? one.value + "%，得" + (points * Number(one.value) / 100).toFixed(2) + "分" : "未评";  // quarters: exact
  }

  function choose(place, percent) {
    var one = radios(place).find(function (radio) { return Number(radio.value) === percent; });
    if (!one) return;
    one.checked = true;
    one.focus();
    one.dispatchEvent(new Event("input", { bubbles: true }));
  }

  /* The buttons stand from high to low, and up is more: the browser's own order would be the other way round. */
  var typedDigit = "", typedAt = 0;
  function onLadder(event, place) {
    var one = place.querySelector("input:checked"), now = one ? Number(one.value) : null, key = event.key;
    if (key === "ArrowUp" || key === "ArrowRight") choose(place, now === null ? 50 : Math.min(100, now + 5));
    else if (key === "ArrowDown" || key === "ArrowLeft") choose(place, now === null ? 50 : Math.max(0, now - 5));
    else if (key === "Home") choose(place, 0);
    else if (key === "End") choose(place, 100);
    else if (/^[0-9]$/.test(key)) digit(place, key);
    else return false;
    return true;
  }

  function digit(place, key) {
    var both = Date.now() - typedAt < TWO_KEYS ? Number(typedDigit + key) : NaN;
    typedDigit = key; typedAt = Date.now();
    if (both % 5 === 0 && both >= 10) choose(place, both);
    else choose(place, Number(key) * 10);
  }

  form.addEventListener("input", function (event) {
    var place = event.target.closest("[data-ladder]");
    if (place) shown(place);
  });
  form.addEventListener("chosen", function (event) { shown(event.target); });
  form.querySelectorAll("[data-ladder]").forEach(shown);

  // ── from item to item without a new page: what is read on the other side stays where it is ──

  function address(code) {
    var link = Array.from(document.querySelectorAll("[data-goto]")).find(function (one) { return one.dataset.goto === code; });
    return link ? link.href : "";
  }

  function go(code, remember) {
    var url = address(code), panel = Array.from(items.children).find(function (one) { return one.dataset.item === code; });
    if (!url) return Promise.resolve();
    return fetch(url, { credentials: "same-origin", redirect: "manual" }).then(function (answer) {
      if (!answer.ok) throw new Error(String(answer.status));
      return answer.text();
    }).then(function (html) {
      var fresh = new DOMParser().parseFromString(html, "text/html"), found = fresh.querySelector("[data-items] > [data-item]");
      if (!found) throw new Error("no item");
      if (!panel) {
        panel = document.importNode(found, true);
        items.append(panel);
        panel.querySelectorAll("[data-table]").forEach(window.FillingPage.shorten);
        panel.querySelectorAll("[data-ladder]").forEach(shown);
      }
      if (remember) window.history.pushState({}, "", url);
      show(panel, fresh);
    }).catch(function () { window.location.assign(url); });
  }

  function show(panel, fresh) {
    Array.from(items.children).forEach(function (one) { one.hidden = one !== panel; });
    document.title = fresh.title;
    ["[data-live=rail]", "[data-live=total]", "[data-live=undecided]", "[data-report-text]", "[data-onward]"].forEach(function (place) { swap(place, fresh); });
    var choice = fresh.getElementById("find-part");
    if (choice) document.getElementById("find-part").value = choice.value;
    document.getElementById("find-words").value = "";
    var heading = panel.querySelector("h2");
    heading.focus({ preventScroll: true });
    desk.querySelector(".desk-marks").scrollTop = 0;
    heading.scrollIntoView({ block: "nearest" });
    told(heading.textContent);
  }

  function swap(place, fresh) {
    var old = document.querySelector(place), now = fresh.querySelector(place);
    if (old && now) old.replaceChildren.apply(old, Array.from(document.importNode(now, true).childNodes));
  }

  function onward(step) {
    var panel = here();
    go(step > 0 ? (panel.dataset.item ? panel.dataset.after : first()) : panel.dataset.before || "", true);
  }

  function first() {
    var open = document.querySelector(".rail-todo, .rail-begun") || document.querySelector(".rail-step");
    return open.dataset.goto;
  }

  document.addEventListener("click", function (event) {
    var link = event.target.closest("[data-goto]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
    event.preventDefault();
    go(link.dataset.goto, true);
  });
  window.addEventListener("popstate", function () {
    var link = Array.from(document.querySelectorAll("[data-goto]")).find(function (one) { return one.pathname === window.location.pathname; });
    if (link) go(link.dataset.goto, false);
  });
  /* Before autosave hears of it: what is typed is sent in its own time, also from an item that is no longer shown. */
  form.addEventListener("submit", function (event) {
    if (!event.submitter || event.submitter.name !== "next") return;
    event.preventDefault();
    event.stopImmediatePropagation();
    onward(1);
  });

  // ── what is read: the report and the files ──

  function paper(name) {
    document.querySelectorAll("button[data-paper]").forEach(function (button) { button.setAttribute("aria-pressed", String(button.dataset.paper === name)); });
    desk.dataset.paper = name;
  }
  function side(name) {
    document.querySelectorAll("button[data-show]").forEach(function (button) { button.setAttribute("aria-pressed", String(button.dataset.show === name)); });
    desk.dataset.shown = name;
  }
  document.addEventListener("click", function (event) {
    var button = event.target.closest("button[data-paper], button[data-show]");
    if (!button) return;
    if (button.dataset.paper) paper(button.dataset.paper); else side(button.dataset.show);
  });
  paper("report");

  function read(query) {
    return fetch(window.location.pathname + "?" + query, { credentials: "same-origin", redirect: "manual" }).then(function (answer) {
      if (!answer.ok) throw new Error(String(answer.status));
      return answer.text();
    }).then(function (html) {
      var fresh = new DOMParser().parseFromString(html, "text/html"), text = document.querySelector("[data-report-text]");
      swap("[data-report-text]", fresh);
      document.getElementById("find-part").value = fresh.getElementById("find-part").value;
      text.scrollTop = 0;
      var hits = text.querySelector(".hits p");
      told(hits ? hits.textContent : text.querySelector("h2").textContent);
    }).catch(function () { window.location.assign(window.location.pathname + "?" + query); });
  }
  var find = document.querySelector("[data-find]");
  find.addEventListener("submit", function (event) { event.preventDefault(); read(new URLSearchParams(new FormData(find)).toString()); });
  document.getElementById("find-part").addEventListener("change", function (event) { read("part=" + encodeURIComponent(event.target.value)); });
  document.querySelector("[data-report]").addEventListener("click", function (event) {
    var link = event.target.closest("[data-part]");
    if (link) { event.preventDefault(); read(link.search.slice(1)); }
  });

  // ── evidence of a finding ──

  function refer(row) {
    var pane = document.querySelector("[data-pdf-pane]"), source, page = "";
    if (desk.dataset.paper === "files" && pane.dataset.key) { source = pane.dataset.key; page = pane.dataset.page; }
    else source = "report:" + document.getElementById("find-part").value;
    var select = row.querySelector("[data-column=source]");
    select.value = source;
    row.querySelector("[data-column=page]").value = page;
    pages(row);
    select.dispatchEvent(new Event("input", { bubbles: true }));
    told("已引用" + select.selectedOptions[0].textContent + (page ? "第" + page + "页" : ""));
  }
  function pages(row) {
    var file = row.querySelector("[data-column=source]").value.indexOf("file:") === 0;
    row.classList.toggle("finding-file", file);
  }
  function look(row) {
    var source = row.querySelector("[data-column=source]").value, page = row.querySelector("[data-column=page]").value;
    side("papers");
    if (source.indexOf("report:") === 0) { paper("report"); read("part=" + encodeURIComponent(source.slice(7))); document.querySelector("[data-report-text]").focus(); }
    if (source.indexOf("file:") === 0) {
      paper("files");
      document.dispatchEvent(new CustomEvent("look", { detail: { key: source, page: Number(page) || 1 } }));
    }
  }
  form.addEventListener("click", function (event) {
    var button = event.target.closest("[data-insert-page], [data-look-page]");
    if (!button) return;
    var row = button.closest("[data-row]");
    if (button.matches("[data-insert-page]")) refer(row); else look(row);
  });
  form.addEventListener("input", function (event) { if (event.target.matches("[data-column=source]")) pages(event.target.closest("[data-row]")); });
  form.querySelectorAll("[data-row]").forEach(pages);

  function lastRow(kind) {
    var rows = here().querySelectorAll(".findings-" + kind + " [data-row]");
    return rows.length ? rows[rows.length - 1].querySelector("textarea") : null;
  }
  var lastFinding = null;
  form.addEventListener("focusin", function (event) { if (event.target.closest("[data-row]")) lastFinding = event.target.closest("[data-row]"); });

  // ── keys ──

  var help = document.getElementById("desk-keys"), asked = document.querySelector("[data-help]");
  function toggle(open) {
    help.hidden = !open;
    asked.setAttribute("aria-expanded", String(open));
    if (open) help.focus(); else asked.focus();
  }
  asked.addEventListener("click", function () { toggle(help.hidden); });
  help.querySelector("[data-help-close]").addEventListener("click", function () { toggle(false); });

  function focus(place) { if (place) { place.focus(); place.scrollIntoView({ block: "nearest" }); } }
  var KEYS = {
    KeyJ: function () { onward(1); },
    KeyK: function () { onward(-1); },
    KeyL: function () { side("marks"); var place = ladder(); if (place) focus(place.querySelector("input:checked") || radios(place)[0]); },
    KeyO: function () { side("marks"); focus(lastRow("strength")); },
    KeyI: function () { side("marks"); focus(lastRow("improvement")); },
    KeyR: function () { side("papers"); paper("report"); focus(document.querySelector("[data-report-text]")); },
    KeyP: function () { side("papers"); paper("files"); focus(document.querySelector("[data-pdf-pane]:not([hidden]) [data-pdf-sheet]") || document.querySelector("[data-files] a")); },
    KeyU: function () { var row = lastFinding && here().contains(lastFinding) ? lastFinding : here().querySelector("[data-row]"); if (row) refer(row); },
  };
  document.addEventListener("keydown", function (event) {
    if (event.key === "Escape" && !help.hidden) { event.preventDefault(); toggle(false); return; }
    if (event.ctrlKey && event.key === "Enter") { event.preventDefault(); onward(1); return; }
    if (event.altKey && !event.ctrlKey && !event.metaKey && KEYS[event.code]) { event.preventDefault(); KEYS[event.code](); return; }
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    var place = event.target.closest && event.target.closest("[data-ladder]");
    if (place && onLadder(event, place)) event.preventDefault();
  });

  // ── a word after long rest ──

  var idle = document.querySelector("[data-idle]"), timer = 0;
  function awake() {
    window.clearTimeout(timer);
    idle.hidden = true;
    timer = window.setTimeout(function () { idle.hidden = false; }, Number(idle.dataset.idle) * MINUTE);
  }
  ["keydown", "pointerdown", "scroll"].forEach(function (name) { document.addEventListener(name, awake, { passive: true, capture: true }); });
  awake();
})();
