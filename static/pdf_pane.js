/* A PDF of the unit shown in the page by the vendored pdf.js: no eval, worker, character maps and fonts from this portal only. */
const pane = document.querySelector("[data-pdf-pane]");
const find = (name) => pane.querySelector(`[data-pdf-${name}]`);
const SCALES = [0.5, 0.75, 1, 1.25, 1.5, 2, 3], AROUND = 18, MOST = 100;
let library = null, file = null, page = 1, zoom = 2, turn = 0, texts = [], task = null;

async function pdfjs() {
  if (!library) {
    library = await import(pane.dataset.lib);
    library.GlobalWorkerOptions.workerSrc = pane.dataset.worker;
  }
  return library;
}

async function open(link, at = 1) {
  const mine = ++turn;
  document.querySelectorAll("[data-pdf]").forEach((one) => { if (one === link) one.setAttribute("aria-current", "true"); else one.removeAttribute("aria-current"); });
  pane.hidden = false;
  find("name").textContent = link.dataset.name;
  if (pane.dataset.key === link.dataset.pdf && file) return show(at);
  said("正在打开…");
  find("hits").hidden = true;
  try {
    const lib = await pdfjs();
    task?.destroy();
    task = lib.getDocument({
      url: link.href, isEvalSupported: false, useWasm: false, enableXfa: false, disableRange: true, withCredentials: false,
      cMapUrl: `${pane.dataset.assets}cmaps/`, cMapPacked: true, standardFontDataUrl: `${pane.dataset.assets}standard_fonts/`,
      wasmUrl: new URL(`${pane.dataset.assets}wasm/`, window.location.href).href,
    });
    const opened = await task.promise;
    if (mine !== turn) return undefined;
    file = opened; texts = [];
    pane.dataset.key = link.dataset.pdf;
    find("count").textContent = `/ ${file.numPages}页`;
    find("page").max = file.numPages;
    said("");
    await show(at);
    find("sheet").focus({ preventScroll: true });
  } catch (error) {
    if (mine === turn) { file = null; delete pane.dataset.key; said("", link); }
  }
  return undefined;
}

function said(text, link) {
  const line = find("said");
  line.textContent = text;
  if (!link) return;
  const other = document.createElement("a");
  other.href = link.href;
  other.textContent = "下载查看";
  line.append("该文件不能在页面内显示，", other, "。");
}

async function show(wanted) {
  if (!file) return;
  const mine = ++turn;
  page = Math.min(file.numPages, Math.max(1, wanted || 1));
  find("page").value = page;
  pane.dataset.page = String(page);
  const lib = await pdfjs(), sheet = await file.getPage(page), width = find("sheet").clientWidth - 16;
  const plain = sheet.getViewport({ scale: 1 }), scale = Math.max(0.2, (width / plain.width) * SCALES[zoom]);
  const view = sheet.getViewport({ scale }), canvas = find("canvas"), dense = Math.min(2, window.devicePixelRatio || 1);
  if (mine !== turn) return;
  const drawn = document.createElement("canvas");
  drawn.width = Math.floor(view.width * dense); drawn.height = Math.floor(view.height * dense);
  await sheet.render({ canvas: drawn, viewport: view, transform: dense === 1 ? null : [dense, 0, 0, dense, 0, 0], annotationMode: lib.AnnotationMode.DISABLE }).promise;
  if (mine !== turn) return;
  canvas.width = drawn.width; canvas.height = drawn.height;
  canvas.getContext("2d").drawImage(drawn, 0, 0);
  const box = canvas.parentElement;
  box.style.width = `${view.width}px`; box.style.height = `${view.height}px`;
  box.style.setProperty("--scale-factor", scale); box.style.setProperty("--total-scale-factor", scale);
  const layer = find("text");
  layer.replaceChildren();
  await new lib.TextLayer({ textContentSource: sheet.streamTextContent(), container: layer, viewport: view }).render();
  if (mine !== turn) return;
  find("sheet").scrollTop = 0;
  find("sheet").setAttribute("aria-label", `文件页面，第${page}页，共${file.numPages}页`);
}

async function textOf(number) {
  if (texts[number] === undefined) {
    const content = await (await file.getPage(number)).getTextContent();
    texts[number] = content.items.map((one) => one.str || "").join("");
  }
  return texts[number];
}

async function search(words) {
  const list = find("hits"), wanted = words.trim().toLowerCase();
  list.replaceChildren();
  list.hidden = true;
  if (!file || !wanted) return;
  const mine = file;
  said("正在查找…");
  let found = 0;
  for (let number = 1; number <= mine.numPages && found < MOST; number += 1) {
    const text = await textOf(number);  // page after page: the worker answers one at a time
    if (mine !== file) return;
    for (let at = text.toLowerCase().indexOf(wanted); at >= 0 && found < MOST; at = text.toLowerCase().indexOf(wanted, at + wanted.length)) {
      list.append(hit(number, text, at, wanted.length));
      found += 1;
    }
  }
  list.hidden = found === 0;
  said(found ? `找到${found}处${found === MOST ? "（只列前100处）" : ""}。` : "没有找到。扫描件没有文字，不能查找。");
  list.querySelector("button")?.focus();
}

function hit(number, text, at, length) {
  const line = document.createElement("li"), button = document.createElement("button"), mark = document.createElement("mark");
  button.type = "button";
  button.className = "btn btn-link btn-sm";
  button.textContent = `第${number}页`;
  button.addEventListener("click", () => show(number));
  mark.textContent = text.slice(at, at + length);
  line.append(button, text.slice(Math.max(0, at - AROUND), at), mark, text.slice(at + length, at + length + AROUND));
  return line;
}

function scale(step) {
  zoom = Math.min(SCALES.length - 1, Math.max(0, zoom + step));
  show(page);
}

if (pane) {
  let resized = 0;
  window.addEventListener("resize", () => { window.clearTimeout(resized); resized = window.setTimeout(() => show(page), 200); });
  document.addEventListener("click", (event) => {
    const link = event.target.closest("[data-pdf]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
    event.preventDefault();
    open(link);
  });
  document.addEventListener("look", (event) => {
    const link = document.querySelector(`[data-pdf="${CSS.escape(event.detail.key)}"]`);
    if (link) open(link, event.detail.page);
  });
  pane.addEventListener("click", (event) => {
    const button = event.target.closest("[data-pdf-step], [data-pdf-zoom]");
    if (!button) return;
    if (button.dataset.pdfStep) show(page + Number(button.dataset.pdfStep)); else scale(Number(button.dataset.pdfZoom));
  });
  find("page").addEventListener("change", (event) => show(Number(event.target.value)));
  find("find").addEventListener("submit", (event) => { event.preventDefault(); search(event.target.querySelector("input").value); });
  find("sheet").addEventListener("keydown", (event) => {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const step = { PageDown: 1, ArrowRight: 1, PageUp: -1, ArrowLeft: -1 }[event.key];
    if (step) { event.preventDefault(); show(page + step); }
    else if (event.key === "+" || event.key === "=") scale(1);
    else if (event.key === "-") scale(-1);
  });
}
