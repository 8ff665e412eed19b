// On every page: which of the four periods is shown, and finding a name in a list.
"use strict";
(() => {
  const buttons = document.querySelectorAll("[data-set-period]");
  const remember = (period) => {
    // Some browsers give pages from disk no storage; the page then opens with the month.
    try { sessionStorage.setItem("hengfa.period", period); } catch { return; }
  };
  const remembered = () => {
    try { return sessionStorage.getItem("hengfa.period"); } catch { return null; }
  };
  const show = (period) => {
    document.documentElement.dataset.period = period;
    for (const button of buttons) button.setAttribute("aria-pressed", String(button.dataset.setPeriod === period));
  };
  for (const button of buttons) {
    button.addEventListener("click", () => { show(button.dataset.setPeriod); remember(button.dataset.setPeriod); });
  }
  const wanted = remembered();
  if ([...buttons].some((button) => button.dataset.setPeriod === wanted)) show(wanted);

  for (const input of document.querySelectorAll("[data-search]")) {
    const items = [...document.querySelectorAll(input.dataset.search)];
    const none = document.querySelector("[data-search-none]");
    input.addEventListener("input", () => {
      const text = input.value.trim().toLowerCase();
      for (const item of items) item.hidden = !item.textContent.toLowerCase().includes(text);
      none.hidden = items.some((item) => !item.hidden);
      for (const section of new Set(items.map((item) => item.closest("section")))) {
        section.hidden = !section.querySelector("li:not([hidden])");
      }
    });
  }
})();
