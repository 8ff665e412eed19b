// On every page: which of the four periods is shown, finding a name in a list, sorting a table.
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
  // A value leads to its records where its row, the head of its column or what it stands in names an indicator and
  // variant (data-k): on the page of a body to its own, elsewhere to those of the body that the row names. Without this script it is a number.
  const root = document.documentElement;
  const own = document.querySelector("[data-subject]") !== null;
  for (const value of document.querySelectorAll("b.v")) {
    const cell = value.closest("td");
    const row = cell?.parentElement;
    const head = row?.closest("table").tHead.rows[0].cells[cell.cellIndex];
    const key = row?.dataset.k ?? head?.dataset.k ?? value.closest("[data-k]")?.dataset.k;
    const page = own ? "" : row?.cells[0].querySelector("a")?.getAttribute("href");
    if (key === undefined || page === undefined) continue;
    const kind = value.closest("[data-p]")?.dataset.p ?? head?.dataset.kind ?? "month";
    const link = document.createElement("a");
    link.className = "v";
    link.href = `${page}#records/${key}/${kind}/${row?.dataset.m ?? root.dataset.month}/${value.dataset.tab ?? "all"}${row?.dataset.a ? `/${encodeURIComponent(row.dataset.a)}` : ""}`;
    link.append(...value.childNodes);
    value.replaceWith(link);
  }

  for (const button of buttons) {
    button.addEventListener("click", () => { show(button.dataset.setPeriod); remember(button.dataset.setPeriod); });
  }
  const wanted = remembered();
  if ([...buttons].some((button) => button.dataset.setPeriod === wanted)) show(wanted);

  // A list or table is narrowed by what is typed and what is chosen beside it; without this script it is whole.
  for (const controls of document.querySelectorAll(".controls")) controls.hidden = false;
  const narrowed = new Map();
  const narrow = (selector) => {
    const { items, tests } = narrowed.get(selector);
    for (const item of items) item.hidden = ![...tests.values()].every((test) => test(item));
    const none = document.querySelector("[data-search-none]");
    none.hidden = items.some((item) => !item.hidden);
    const inside = new Set(items.filter((item) => !item.hidden).map((item) => item.closest("section")));
    for (const section of new Set(items.map((item) => item.closest("section")))) {
      section.hidden = !inside.has(section);
      // What is found in a closed fold has to be seen.
      const fold = section.querySelector("details");
      if (fold && inside.size && inside.size < 3 && inside.has(section)) fold.open = true;
    }
  };
  const narrowing = (control, selector, test) => {
    if (!narrowed.has(selector)) narrowed.set(selector, { items: [...document.querySelectorAll(selector)], tests: new Map() });
    control.addEventListener("input", () => { narrowed.get(selector).tests.set(control, test); narrow(selector); });
  };
  for (const input of document.querySelectorAll("[data-search]")) {
    narrowing(input, input.dataset.search, (item) => item.textContent.toLowerCase().includes(input.value.trim().toLowerCase()));
  }
  for (const select of document.querySelectorAll("[data-facets]")) {
    narrowing(select, select.dataset.facets, (item) => !select.value || item.dataset.facet === select.value);
  }

  // A table is sorted by the head of a column: numbers by their size, the rest by their letters.
  const order = new Intl.Collator(document.documentElement.lang, { numeric: true });
  const shown = (row, place) => {
    const cell = row.cells[place];
    const part = cell.querySelector(`[data-p="${document.documentElement.dataset.period}"]`);
    return (part ?? cell).textContent.trim();
  };
  const size = (text) => (/^[+−±]?[\d,]*\.?\d+( %)?$/.test(text) ? Number(text.replace("−", "-").replace(/[^\d.-]/g, "")) : null);
  for (const table of document.querySelectorAll("table[data-sortable]")) {
    const heads = [...table.tHead.rows[0].cells];
    heads.forEach((head, place) => {
      const button = document.createElement("button");
      button.type = "button";
      button.append(...head.childNodes);
      head.append(button);
      button.addEventListener("click", () => {
        // Counts are looked for from the largest on, words from the first letter on.
        const first = head.classList.contains("r") ? "descending" : "ascending";
        const way = head.getAttribute("aria-sort") === first ? (first === "ascending" ? "descending" : "ascending") : first;
        for (const other of heads) other.removeAttribute("aria-sort");
        head.setAttribute("aria-sort", way);
        const rows = [...table.tBodies[0].rows].map((row) => ({ row, text: shown(row, place) }));
        for (const one of rows) one.size = size(one.text);
        const compare = (a, b) => (a.size !== null && b.size !== null ? a.size - b.size : order.compare(a.text, b.text));
        rows.sort((a, b) => (!a.text || !b.text ? (!a.text) - (!b.text) : way === "ascending" ? compare(a, b) : compare(b, a)));
        table.tBodies[0].append(...rows.map((one) => one.row));
      });
    });
  }
})();
