// Progressive only: an open page follows what the lead records, and warns before leaving with something unsaved.
(() => {
  const follow = document.querySelector("[data-follow]");
  if (follow) {
    let etag = "";
    const word = () => document.querySelector("[data-follow-word]");
    const say = (text) => { if (word()) word().textContent = text; };
    say("每4秒自动更新");
    follow.addEventListener("htmx:configRequest", (event) => { if (etag) event.detail.headers["If-None-Match"] = etag; });
    follow.addEventListener("htmx:afterRequest", (event) => {
      const answer = event.detail.xhr;
      if (answer && answer.status >= 200 && answer.status < 400) {
        etag = answer.getResponseHeader("ETag") || etag;
        say("每4秒自动更新");
      } else {
        say("没有更新到：请检查网络，或者刷新页面");
      }
    });
  }
  const form = document.getElementById("item-form");
  if (!form) return;
  let dirty = form.hasAttribute("data-unsaved");
  form.addEventListener("input", () => { dirty = true; });
  form.addEventListener("submit", () => { dirty = false; });
  window.addEventListener("beforeunload", (event) => { if (dirty) event.preventDefault(); });
})();
