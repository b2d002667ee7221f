// Progressive only: points as they are chosen, and a warning before leaving with something unsaved. Saving works without it.
(() => {
  const form = document.getElementById("scorecard");
  if (!form || !form.querySelector("select")) return;
  let dirty = form.querySelector(".is-invalid") !== null || document.querySelector(".error-summary") !== null;
  form.addEventListener("input", (event) => {
    dirty = true;
    const select = event.target;
    if (!select.matches("select[data-points]")) return;
    const words = select.closest(".score-percent").querySelector(".score-points");
    const points = Number(select.dataset.points);
    words.textContent = select.value === "" ? "未评" : `${((points * Number(select.value)) / 100).toFixed(2)}分（未保存）`;
  });
  form.addEventListener("submit", () => { dirty = false; });
  window.addEventListener("beforeunload", (event) => { if (dirty) event.preventDefault(); });
})();
