/* Saves a form while it is typed in: within five seconds of the last key, field by field.

What is typed lies in this browser (filling_drafts.js) until the server has it: a broken line, a lapsed sign-in or a closed lid
loses nothing; it is sent when any page of the application is opened again. Without scripts the form's own buttons save. */
(function () {
  "use strict";
  var WAIT = 1200;      // milliseconds after the last key
  var LONGEST = 3500;   // and never later than this after the first unsaved one: what is under way needs its time too
  var PATIENCE = 20000; // for an answer
  var RETRY = [2000, 4000, 8000, 15000, 30000];
  var MOST = 80000;     // characters of one save; a longer text goes alone

  var form = document.querySelector("form[data-autosave]");
  if (!form) return;
  var page = new window.FillingPage(form), same = window.FillingPage.same;
  var drafts = new window.FillingDrafts(form.dataset.owner, form.dataset.application);
  var state = form.querySelector("[data-save-state]"), busy = form.querySelector("[data-save-busy]");

  // An entry is {value, seen, beside, origin, at}: the text, the mark of what the server had when it was begun, the row in which
  // the server keeps it beside another text, the page on which it was typed, and when.
  var dirty = {};       // name -> entry that is not sent yet
  var sending = null;   // the entries under way
  var again = null;     // entries of which no answer came: sent again unchanged, for the server may have them already
  var earlier = [];     // other pages' older texts of a field; each goes alone before the newer one
  var stuck = {};       // entries that the server refuses, each for itself
  var timer = 0, firstAt = 0, retryAt = 0, tries = 0, renewals = 0, goTo = "", asked = false;

  function any(entries) { return Boolean(entries) && Object.keys(entries).length > 0; }
  function queued() { return any(again) || earlier.length > 0 || any(dirty); }
  function waiting() { return Boolean(sending) || queued(); }
  function standing(name) {
    return dirty[name] || (again || {})[name] || (sending || {})[name] || stuck[name];
  }

  // ── what the bar says ──

  function say(text, kind) { state.textContent = text; state.className = "save-state save-" + kind; }
  function doing(text) { busy.textContent = text; }
  function kept() { return drafts.safe ? "您填写的内容保存在本浏览器中" : "您填写的内容还在本页上，请不要关闭本页"; }
  function savedAt(time) { form.querySelector("[data-save-time]").textContent = "已保存 " + time; }

  // ── typing ──

  function typed(place) {
    var name = page.nameOf(place), value = page.value(place), before = standing(name);
    dirty[name] = {
      value: value, seen: before ? before.seen : place.dataset.seen, beside: before ? before.beside : beside(place),
      origin: before ? before.origin : drafts.page, at: Date.now(),
    };
    if (stuck[name]) { delete stuck[name]; page.problem(name, ""); }
    drafts.keep(name, dirty[name]);
    page.count();
    if (!firstAt) firstAt = Date.now();
    if (!tries) doing("正在填写…");
    schedule();
  }

  function beside(place) { return place.dataset.beside ? Number(place.dataset.beside) : undefined; }

  function schedule() {
    var now = Date.now(), wait = firstAt ? Math.min(WAIT, firstAt + LONGEST - now) : 0;
    window.clearTimeout(timer);
    timer = window.setTimeout(send, Math.max(0, wait, retryAt - now));
  }

  function now() { retryAt = 0; window.clearTimeout(timer); send(); }

  // ── sending ──

  /* The next entries to go, no more than fit into one save. */
  function take() {
    var batch = {}, length = 0;
    Object.keys(dirty).some(function (name) {
      length += JSON.stringify(dirty[name].value).length;
      if (any(batch) && length > MOST) return true;
      batch[name] = dirty[name];
      delete dirty[name];
      return false;
    });
    firstAt = any(dirty) ? firstAt : 0;
    return batch;
  }

  function next() {
    var batch = again || earlier.shift() || take();
    again = null;
    return batch;
  }

  function send(options) {
    if (sending || !queued()) return;
    window.clearTimeout(timer);
    sending = next();
    doing("正在保存…");
    post(form.dataset.autosave, "application/json", JSON.stringify({ owner: form.dataset.owner, changes: changes(sending) }),
      Boolean(options && options.leaving)).then(judge, unanswered);
  }

  function changes(batch) {
    return Object.keys(batch).map(function (name) {
      return { name: name, value: batch[name].value, seen: batch[name].seen, beside: batch[name].beside };
    });
  }

  function post(url, type, body, leaving) {
    var stop = new AbortController();
    window.setTimeout(function () { stop.abort(); }, PATIENCE);
    return fetch(url, {
      method: "POST", body: body, redirect: "manual", credentials: "same-origin", signal: stop.signal,
      keepalive: leaving && body.length < 20000,  // the browser takes 64 KB along, three bytes a character
      headers: { "Content-Type": type, "X-CSRFToken": token().value, "X-Requested-With": "XMLHttpRequest" },
    });
  }

  function token() { return form.querySelector("[name=csrfmiddlewaretoken]"); }

  function judge(answer) {
    if (answer.type === "opaqueredirect" || answer.status === 401) { renewals = 0; return signedOut(); }
    if (answer.status === 403) return renew();
    renewals = 0;
    if (answer.status >= 500) return unanswered();
    return answer.json().catch(function () { return {}; }).then(function (said) {
      if (answer.ok) return said.marks ? saved(sending, said) : unanswered();
      return refused(said, answer.status);
    });
  }

  // ── answers ──

  function saved(batch, said) {
    var clashes = said.clashes || {}, problems = said.problems || {};
    sending = null; tries = 0; retryAt = 0;
    Object.keys(batch).forEach(function (name) {
      if (clashes[name]) clashed(name, batch[name], clashes[name]);
      else settled(name, batch[name], said.marks[name]);
      if (!dirty[name]) page.problem(name, problems[name] || "");
    });
    savedAt(said.saved_at);
    if (queued()) return asked ? now() : schedule();
    doing("");
    return finished();
  }

  function settled(name, entry, mark) {
    var place = page.place(name), newer = dirty[name];
    forget(name, entry);
    if (newer && newer.origin === entry.origin) { newer.seen = mark; newer.beside = undefined; drafts.keep(name, newer); }
    if (place && (!newer || newer.origin === entry.origin)) { page.mark(place, mark); delete place.dataset.beside; page.quiet(name); }
    drafts.tell({ name: name, value: entry.value, mark: mark, origin: entry.origin });
  }

  function forget(name, entry) {
    if (entry.key) drafts.forget(entry.key);
    else drafts.drop(name, entry);
  }

  /* Nothing is left to send: what the server computes is fetched again; a button that was pressed goes on. */
  function finished() {
    var open = form.querySelector("[data-note]");
    if (any(stuck)) say(Object.keys(stuck).length + "项没有保存，原因见该栏；" + kept() + "。", "wait");
    else if (open) say("有内容与另一个页面不同，两份都已保留，请选择。", "wait");
    else say(asked ? "已保存。" : "", "good");
    if (goTo && !open && !any(stuck)) { window.location.assign(goTo); return null; }
    asked = false; goTo = "";
    return load().then(function (fresh) { if (fresh) page.refresh(fresh); }, function () { /* the next save brings it */ });
  }

  /* No answer: the same entries go again, later each time. */
  function unanswered() {
    put();
    retryAt = Date.now() + RETRY[Math.min(tries++, RETRY.length - 1)];
    say((navigator.onLine ? "暂时没有保存成功，" : "连接中断，") + kept() + "，恢复后自动提交。", "wait");
    schedule();
  }

  function put() {
    again = any(sending) ? sending : null;
    sending = null; goTo = ""; asked = false;
    doing("");
  }

  function signedOut() {
    put();
    retryAt = Date.now() + 15000;
    say("登录已过期，" + kept() + "。", "wait");
    var link = window.FillingPage.link("重新登录后自动提交", "/accounts/login/?next=" + encodeURIComponent(window.location.pathname));
    link.addEventListener("click", function () { leaving = drafts.safe; });
    state.append(link);
    schedule();
  }

  /* Who signs in again in another window makes this page's token stale: fetch a fresh one, once for each save. */
  function renew() {
    if (renewals++) { renewals = 0; return refused({}, 403); }
    put();
    return load().then(function (fresh) {
      var found = fresh && fresh.querySelector("[name=csrfmiddlewaretoken]");
      if (!found) return signedOut();
      token().value = found.value;
      return now();
    }, unanswered);
  }

  /* This page as the server has it now; null where nobody is signed in. */
  function load() {
    return fetch(window.location.pathname, { credentials: "same-origin", redirect: "manual" }).then(function (answer) {
      if (answer.type === "opaqueredirect") return null;
      return answer.text().then(function (html) { return new DOMParser().parseFromString(html, "text/html"); });
    });
  }

  /* A refused field is set aside and the others go without it; where nothing may be saved, all wait for the next key. */
  function refused(said, status) {
    var names = Object.keys(sending), name = said.field || ((status === 400 || status === 413) && names.length === 1 ? names[0] : "");
    if (name && sending[name]) { setAside(name, sending[name], said.refused || "内容过长，没有保存。"); delete sending[name]; }
    else name = "";
    put();
    if (name) return queued() ? now() : finished();
    retryAt = Date.now() + RETRY[Math.min(tries++, RETRY.length - 1)];
    return say("没有保存：" + (said.refused || form.dataset.refused || "您现在不能修改这份申报。") + kept() + "。", "wait");
  }

  function setAside(name, entry, reason) {
    if (dirty[name]) return;  // it has been changed since
    stuck[name] = entry;
    if (page.problem(name, reason)) return;
    page.say(name, reason, entry.value, [window.FillingPage.button("不再保留这一项", function () {
      delete stuck[name]; forget(name, entry); page.quiet(name); finished();
    })]);
  }

  // ── two texts of one field ──

  /* What is typed here stays in its place and, on the server, beside the other text; nothing is written over until somebody
  chooses: further keys go on with the row beside. */
  function clashed(name, entry, other) {
    var place = page.place(name), newer = dirty[name];
    forget(name, entry);
    if (newer && newer.origin === entry.origin) { newer.beside = other.beside; drafts.keep(name, newer); }
    if (place) { place.dataset.seen = entry.seen; place.dataset.beside = String(other.beside); }
    if (page.note(name) && page.note(name).other === other.mark) return;
    var who = "“" + other.label + "”有两份内容。" + (other.by ? other.by + "在" : "") + "另一个页面已经保存：";
    if (!place) { page.say(name, who, other.value, [window.FillingPage.link("去选择", other.url)]); return; }
    page.say(name, who, other.value, [
      window.FillingPage.button("用我填写的", function () { useMine(name, other); }),
      window.FillingPage.button("改用已保存的", function () { useOther(name, other); }),
    ]);
    page.note(name).other = other.mark;
  }

  function useMine(name, other) {
    var place = page.place(name);
    page.mark(place, other.mark);
    dirty[name] = { value: page.value(place), seen: other.mark, beside: other.beside, origin: drafts.page, at: Date.now() };
    drafts.keep(name, dirty[name]);
    page.quiet(name);
    place.focus();
    now();
  }

  function useOther(name, other) {
    post(other.settle, "application/x-www-form-urlencoded", "use=stored", false).then(function (answer) {
      if (!answer.ok && answer.status !== 409) throw new Error(String(answer.status));
      var place = page.place(name);
      delete dirty[name]; drafts.drop(name);
      page.set(place, other.value); page.mark(place, other.mark);
      delete place.dataset.beside;
      page.quiet(name); place.focus();
      finished();
    }).catch(function () { say("暂时没有办成，请稍后再选。两份内容都还在。", "wait"); });
  }

  /* Another page of this browser has saved a field: here it is brought up to date where nobody has typed in it. */
  function heard(message) {
    var place = page.place(message.name), mine = standing(message.name);
    if (mine) {
      if (message.origin === mine.origin) mine.seen = message.mark;
    } else if (place && !page.note(message.name)) {
      page.set(place, message.value); page.mark(place, message.mark);
    }
  }

  // ── what an earlier page of this application could not send ──

  function recover() {
    var latest = {};
    drafts.left().forEach(function (found) {
      if (latest[found.name]) older(latest[found.name]);
      latest[found.name] = found;
    });
    Object.keys(latest).forEach(function (name) { resume(name, latest[name]); });
    if (!queued()) return;
    say("正在提交上次没有保存成功的内容…", "busy");
    send();
  }

  function older(found) {
    var batch = {};
    found.entry.key = found.key;
    batch[found.name] = found.entry;
    earlier.push(batch);
  }

  function resume(name, found) {
    var place = page.place(name);
    drafts.forget(found.key);
    if (place && same(page.value(place), found.entry.value)) return;
    if (place && !place.disabled) page.set(place, found.entry.value);
    delete found.entry.key;
    dirty[name] = found.entry;
    drafts.keep(name, found.entry);
  }

  // ── events ──

  var leaving = false;
  /* Only "input": a select fires "change" as well, a text field once more when it is left. */
  form.addEventListener("input", function (event) {
    var place = page.placeOf(event.target);
    if (place) typed(place);
  });
  form.addEventListener("click", function (event) {
    var button = event.target.closest("[data-add-row], [data-drop-row]"), table = button && page.pressed(button);
    if (table) typed(table);
  });
  form.addEventListener("submit", function (event) {
    event.preventDefault();
    asked = true;
    goTo = event.submitter && event.submitter.name === "next" ? form.dataset.next : "";
    if (sending) return;
    if (queued()) now(); else finished();
  });
  function resumed() { if (queued()) now(); }
  window.addEventListener("online", resumed);
  window.addEventListener("focus", resumed);
  document.addEventListener("visibilitychange", function () { if (document.hidden) send({ leaving: true }); });
  window.addEventListener("pagehide", function () { send({ leaving: true }); });
  window.addEventListener("pageshow", function (event) { if (event.persisted && !waiting()) window.location.reload(); });
  window.addEventListener("beforeunload", function (event) {
    if (!leaving && (waiting() || any(stuck))) { event.preventDefault(); event.returnValue = ""; }
  });
  drafts.hear(heard);
  recover();
  page.count();
})();
