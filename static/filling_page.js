/* The form as it stands on the page: its fields and tables, what is said beside them, the live count, and the parts that the
server computes, which are fetched again after a save. It sends nothing that was typed; autosave.js does. */
(function () {
  "use strict";
  var MOST_ROWS = 60;  // as the server has it

  function Page(form) {
    this.form = form;
    this.notes = form.querySelector("[data-notes]");
    this.counter = form.querySelector("[data-counted]");
    this.pattern = this.counter ? new RegExp(this.counter.dataset.counted, "gu") : null;
    form.querySelectorAll("[data-table]:not([disabled])").forEach(shorten);
  }

  // ── fields ──

  Page.prototype.find = function (attribute, name) { return this.form.querySelector("[" + attribute + '="' + CSS.escape(name) + '"]'); };
  Page.prototype.place = function (name) { return this.find("data-field", name) || this.find("data-table", name); };

  /* The field, or the whole table, to which an input belongs. */
  Page.prototype.placeOf = function (input) {
    return input.closest("[data-table], fieldset[data-field]") || (input.dataset && input.dataset.field ? input : null);
  };
  Page.prototype.nameOf = function (place) { return place.dataset.table || place.dataset.field; };
  Page.prototype.value = function (place) {
    if (place.dataset.table) return rows(place);
    return isChoice(place) ? chosen(place) : place.value;
  };

  /* A field that is chosen by radio buttons: the fieldset around them is the field. */
  function isChoice(place) { return place.matches("fieldset[data-field]"); }
  function chosen(place) { var one = place.querySelector("input:checked"); return one ? one.value : ""; }
  function choose(place, value) {
    place.querySelectorAll("input[type=radio]").forEach(function (one) { one.checked = one.value === value; });
    place.dispatchEvent(new Event("chosen", { bubbles: true }));
  }

  Page.prototype.set = function (place, value) {
    if (isChoice(place)) { if (chosen(place) !== value) choose(place, value); }
    else if (!place.dataset.table) { if (place.value !== value) place.value = value; }
    else if (!same(rows(place), value)) setRows(place, value);
    this.count();
  };

  /* What the server had when this text was begun; the next save is compared with it. */
  Page.prototype.mark = function (place, mark) {
    place.dataset.seen = mark;
    var hidden = this.form.querySelector('input[name="seen.' + CSS.escape(this.nameOf(place)) + '"]');
    if (hidden) hidden.value = mark;
  };

  function same(one, other) { return JSON.stringify(one) === JSON.stringify(other); }

  // ── tables ──

  function rows(frame) {
    return lines(frame).map(function (line) {
      var row = {};
      line.querySelectorAll("[data-column]").forEach(function (cell) { row[cell.dataset.column] = cell.value; });
      return row;
    }).filter(function (row) { return Object.keys(row).some(function (name) { return row[name].trim(); }); });
  }

  function lines(frame) { return Array.from(frame.querySelectorAll("tbody tr, [data-row]")); }

  function setRows(frame, value) {
    while (lines(frame).length < Math.min(MOST_ROWS, value.length + 1)) addRow(frame);
    lines(frame).forEach(function (line, number) {
      line.querySelectorAll("[data-column]").forEach(function (cell) {
        cell.value = (value[number] || {})[cell.dataset.column] || "";
      });
    });
  }

  /* One blank row is enough where a button makes more; without scripts there are three. */
  function shorten(frame) {
    lines(frame).slice(rows(frame).length + 1).forEach(function (line) { line.remove(); });
  }

  function addRow(frame) {
    var last = lines(frame).pop(), fresh = last.cloneNode(true);
    cells(fresh).forEach(function (cell) { cell.value = ""; });
    last.after(fresh);
    numbered(frame);
    return fresh;
  }

  /* The last row is emptied, not taken away: the next one is made from it. */
  function dropRow(frame, line) {
    if (lines(frame).length > 1) line.remove();
    else cells(line).forEach(function (cell) { cell.value = ""; });
    numbered(frame);
  }

  function cells(line) { return line.querySelectorAll("input, textarea, select"); }

  function numbered(frame) {
    lines(frame).forEach(function (line, number) {
      cells(line).forEach(function (cell) { cell.name = cell.name.replace(/\.\d+\.([^.]+)$/, "." + number + ".$1"); });
      line.querySelectorAll("[aria-label]").forEach(function (one) {
        one.setAttribute("aria-label", one.getAttribute("aria-label").replace(/\d+/, String(number + 1)));
      });
    });
    frame.querySelector("[data-add-row]").hidden = lines(frame).length >= MOST_ROWS;
  }

  /* Adds or takes away the row whose button was pressed; gives the table where rows were taken away. */
  Page.prototype.pressed = function (button) {
    var frame = button.closest("[data-table]");
    if (button.matches("[data-add-row]")) { cells(addRow(frame))[0].focus(); return null; }
    if (!button.matches("[data-drop-row]")) return null;
    var at = lines(frame).indexOf(button.closest("tr, [data-row]"));
    dropRow(frame, button.closest("tr, [data-row]"));
    lines(frame)[Math.min(at, lines(frame).length - 1)].querySelector("[data-drop-row]").focus();
    return frame;
  };

  // ── what is said beside a field ──

  Page.prototype.problem = function (name, sentence) {
    var line = this.find("data-problem", name);
    if (line) line.textContent = sentence;
    return Boolean(line);
  };

  Page.prototype.note = function (name) {
    return Array.from(this.form.querySelectorAll("[data-note]")).find(function (one) { return one.dataset.note === name; });
  };
  Page.prototype.quiet = function (name) { var old = this.note(name); if (old) old.remove(); };

  /* Puts a note under its field; a cell of the grid has no room for one, so it stands below the grid. */
  Page.prototype.say = function (name, text, other, actions) {
    this.quiet(name);
    var place = this.place(name), box = place && place.closest(".box");
    var note = document.createElement("div");
    note.className = "clash notice notice-wait";
    note.dataset.note = name;
    note.setAttribute("role", "alert");
    note.append(paragraph(text));
    if (other !== undefined) { var typed = paragraph(written(other)); typed.className = "typed"; note.append(typed); }
    var choices = document.createElement("p");
    choices.className = "clash-choices";
    choices.append.apply(choices, actions);
    note.append(choices);
    (box || this.notes).append(note);
  };

  function paragraph(text) {
    var made = document.createElement("p");
    made.textContent = text;
    return made;
  }

  function written(value) {
    if (typeof value === "string") return value || "（空）";
    return value.map(function (row) { return Object.values(row).filter(Boolean).join("；"); }).join("\n") || "（空）";
  }

  Page.button = function (label, action) {
    var made = document.createElement("button");
    made.type = "button";
    made.className = "btn btn-outline-primary btn-sm";
    made.textContent = label;
    made.addEventListener("click", action);
    return made;
  };

  Page.link = function (label, url) {
    var made = document.createElement("a");
    made.href = url;
    made.textContent = label;
    return made;
  };

  // ── the live count of the report: the same pattern that the server counts with ──

  Page.prototype.count = function () {
    if (!this.pattern) return;
    var pattern = this.pattern, here = 0;
    this.form.querySelectorAll('[data-field]:not([data-field$=".na"]), [data-column]').forEach(function (one) {
      here += (one.value.normalize("NFC").match(pattern) || []).length;
    });
    var used = Number(this.counter.dataset.elsewhere) + here, over = used - Number(this.counter.dataset.limit);
    this.counter.querySelector("[data-count]").textContent = String(used);
    var line = this.counter.querySelector("[data-over]"), text = over > 0 ? "，超出" + over + "字" : "";
    if (line.textContent !== text) line.textContent = text;
    this.counter.classList.toggle("over", over > 0);
  };

  // ── what the server computes: sums, hints, the rail, what is still lacking ──

  Page.prototype.refresh = function (fresh) {
    document.querySelectorAll("[data-live]").forEach(function (old) {
      var now = fresh.querySelector('[data-live="' + CSS.escape(old.dataset.live) + '"]');
      if (!now || now.innerHTML === old.innerHTML || old.contains(document.activeElement)) return;
      old.replaceChildren.apply(old, Array.from(document.importNode(now, true).childNodes));
    });
    var counter = fresh.querySelector("[data-counted]");
    if (this.counter && counter) { this.counter.dataset.elsewhere = counter.dataset.elsewhere; this.count(); }
  };

  Page.shorten = shorten;
  window.FillingPage = Page;
  window.FillingPage.same = same;
})();
