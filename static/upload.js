// Progressive only: files can be dropped, each goes by itself with its progress, a lost connection is tried again.
// Without this file the form sends all of them at once, and the page that answers says what became of each.
const TRIES = 4; // the first, and three more
const PAUSES = [1000, 3000, 9000];
const LOST = "网络中断，没有传上去。请检查网络后重新选择该文件。";
const SIGNED_OUT = "登录已失效。请重新登录后再上传。";

class Lost extends Error {}

const pause = (time) => new Promise((resolve) => { setTimeout(resolve, time); });

/** One try: the server's answer as it is, or Lost where none came. */
function send(form, file, onProgress) {
  const data = new FormData(form);
  const field = form.querySelector("input[type=file]").name;
  data.delete(field);
  data.append(field, file, file.name);
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", form.action);
    request.setRequestHeader("X-Requested-With", "XMLHttpRequest");
    request.upload.addEventListener("progress", (event) => { if (event.lengthComputable) onProgress(event.loaded / event.total); });
    request.addEventListener("load", () => (request.status >= 502 ? reject(new Lost()) : resolve(request)));
    for (const kind of ["error", "timeout", "abort"]) request.addEventListener(kind, () => reject(new Lost()));
    request.send(data);
  });
}

/** Up to four tries. A twin that a later try meets is the file itself: the first try had arrived, only its answer was lost. */
async function deliver(form, file, line) {
  for (let attempt = 0; attempt < TRIES; attempt += 1) {
    try {
      const answer = read(await send(form, file, line.progress));
      return attempt > 0 && answer.twin ? { ok: true, text: "已上传。" } : answer;
    } catch (error) {
      if (!(error instanceof Lost)) throw error;
      if (attempt < PAUSES.length) {
        line.say(`网络中断，${PAUSES[attempt] / 1000}秒后重试（第${attempt + 1}次）……`);
        await pause(PAUSES[attempt]);
        line.say("正在上传……");
      }
    }
  }
  return { ok: false, text: LOST };
}

function read(request) {
  if (request.status === 413) return { ok: false, text: "文件过大，服务器没有接收。请压缩或者拆分后上传。" };
  try {
    const answer = JSON.parse(request.responseText);
    if (typeof answer.text === "string") return answer;
  } catch { /* a page, not an answer to the script */ }
  if (request.responseURL.includes("/accounts/")) return { ok: false, text: SIGNED_OUT };
  if (request.status === 403) return { ok: false, text: "现在不能上传。请刷新页面查看原因。" };
  return { ok: false, text: "没有传上去。请刷新页面后重试。" };
}

/** A line of the list: name, progress bar, words. */
function addLine(list, file) {
  const item = document.createElement("li");
  const name = document.createElement("span");
  const bar = document.createElement("progress");
  const words = document.createElement("p");
  name.className = "upload-name";
  name.textContent = file.name;
  bar.max = 100;
  bar.value = 0;
  bar.setAttribute("aria-label", `“${file.name}”的上传进度`);
  words.className = "upload-words";
  words.setAttribute("role", "status");
  words.textContent = "等待上传";
  item.append(name, bar, words);
  list.append(item);
  return {
    say: (text) => { words.textContent = text; },
    progress: (part) => {
      bar.value = Math.round(part * 100);
      words.textContent = part < 1 ? `正在上传，${bar.value}%` : "已传完，正在检查……";
    },
    end: (answer) => {
      item.className = answer.ok ? "is-done" : "is-refused";
      bar.remove();
      words.textContent = answer.ok ? "已上传。" : answer.text;
    },
  };
}

async function refresh(form) {
  const place = document.getElementById(form.dataset.into || "evidence-list");
  const response = await fetch(form.dataset.list, { headers: { "X-Requested-With": "XMLHttpRequest" } });
  if (response.ok && !response.redirected) place.innerHTML = await response.text();
}

async function upload(form, files, list) {
  const button = form.querySelector("button[type=submit]");
  button.disabled = true;
  form.dataset.busy = "yes";
  const lines = files.map((file) => [file, addLine(list, file)]);
  let taken = 0;
  for (const [file, line] of lines) { // one after another: the server looks into one file at a time
    const limit = Number(form.dataset.limit);
    const answer = file.size > limit
      ? { ok: false, text: `超过${Math.floor(limit / 1048576)}MB，请压缩或者拆分后上传。` }
      : await deliver(form, file, line);
    line.end(answer);
    taken += answer.ok ? 1 : 0;
  }
  delete form.dataset.busy;
  button.disabled = false;
  if (taken === files.length && !("stay" in form.dataset) && (files.length === 1 || !form.dataset.list)) {
    window.location.reload(); // the rail of steps and the rest of the page are right again
    return;
  }
  form.querySelector("input[type=file]").value = "";
  if (taken && form.dataset.list) {
    try { await refresh(form); } catch { /* the list is as old as the page; reloading mends it */ }
  }
}

function enhance(form) {
  const input = form.querySelector("input[type=file]");
  const list = document.createElement("ul");
  list.className = "upload-list";
  form.append(list);

  const begin = (files) => {
    if (!files.length || form.dataset.busy) return false;
    const missing = [...form.elements].find((field) => field.tagName === "SELECT" && field.required && !field.value);
    if (missing) {
      missing.focus();
      list.replaceChildren();
      const words = document.createElement("li");
      words.className = "is-refused";
      words.textContent = "请先选择类别，再选择文件。";
      words.setAttribute("role", "alert");
      list.append(words);
      return true;
    }
    list.replaceChildren();
    upload(form, files, list);
    return true;
  };

  form.addEventListener("submit", (event) => {
    if (form.dataset.busy || begin([...input.files])) event.preventDefault();
  });
  if (input.multiple) addDropZone(form, input, begin);
}

function addDropZone(form, input, begin) {
  const zone = document.createElement("div");
  const words = document.createElement("p");
  zone.className = "drop-zone";
  words.textContent = form.dataset.drop || "选好类别后，可以把文件拖到这里，放下即开始上传。";
  zone.append(words);
  form.querySelector(".form-actions").before(zone);
  let depth = 0; // a drag that crosses the words inside has not left the zone
  const over = (change) => {
    depth = Math.max(0, depth + change);
    zone.classList.toggle("is-over", depth > 0);
  };
  zone.addEventListener("dragenter", (event) => { event.preventDefault(); over(1); });
  zone.addEventListener("dragover", (event) => { event.preventDefault(); });
  zone.addEventListener("dragleave", () => over(-1));
  zone.addEventListener("drop", (event) => {
    event.preventDefault();
    depth = 0;
    over(0);
    begin([...event.dataTransfer.files]);
  });
}

window.addEventListener("beforeunload", (event) => {
  if (document.querySelector("form[data-busy]")) event.preventDefault();
});
document.querySelectorAll("form[data-upload]").forEach(enhance);
