// On every page: which of the four periods is shown, finding a name in a list, sorting a table.
"use strict";

/** The name of the error of a browser that lacks what unpacking needs; its message is what is lacking. */
const HENGFA_TOO_OLD = "TooOld";

/** What a data file holds: JSON, deflated to `length` bytes, of which every character has 15 bits. */
const hengfaUnpack = async (length, packed) => {
  if (typeof DecompressionStream === "undefined") throw Object.assign(new Error("DecompressionStream"), { name: HENGFA_TOO_OLD });
  const bytes = new Uint8Array(length);
  let [held, bits, at] = [0, 0, 0];
  for (let place = 0; place < packed.length; place += 1) {
    held = (held << 15) | (packed.charCodeAt(place) - 0x3400);
    bits += 15;
    while (bits >= 8 && at < length) {
      bits -= 8;
      bytes[at] = (held >> bits) & 255;
      at += 1;
    }
    held &= (1 << bits) - 1;
  }
  return JSON.parse(await new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"))).text());
};

/** Called by `data/periods.js`. */
let hengfaPeriods = null;

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
    if (compared.length) compare(period);
  };
  // A value leads to its records where its row, the head of its column or what it stands in names an indicator and
  // variant (data-k): on the page of a body to its own, elsewhere to those of the body that the row names.
  // Without this script it is a number.
  const root = document.documentElement;
  const own = document.querySelector("[data-subject]") !== null;
  const linked = (value, period) => {
    const cell = value.closest("td");
    const row = cell?.parentElement;
    const head = row?.closest("table").tHead.rows[0].cells[cell.cellIndex];
    const key = row?.dataset.k ?? head?.dataset.k ?? value.closest("[data-k]")?.dataset.k;
    const page = own ? "" : row?.cells[0].querySelector("a")?.getAttribute("href");
    if (key === undefined || page === undefined) return;
    const kind = period ?? value.closest("[data-p]")?.dataset.p ?? head?.dataset.kind ?? "month";
    const link = document.createElement("a");
    link.className = "v";
    link.href = `${page}#records/${key}/${kind}/${row?.dataset.month ?? root.dataset.month}/${value.dataset.tab ?? "all"}${row?.dataset.a ? `/${encodeURIComponent(row.dataset.a)}` : ""}`;
    link.append(...value.childNodes);
    value.replaceWith(link);
  };
  for (const value of document.querySelectorAll("b.v")) linked(value);

  // Comparisons are written for the month; other periods come from `data/periods.js` when they are asked for.
  const compared = [...document.querySelectorAll(".compare td")].map((cell) => ({ cell, month: [...cell.childNodes] }));
  const periods = () => {
    periods.loaded ??= new Promise((resolve, reject) => {
      hengfaPeriods = (...packed) => resolve(hengfaUnpack(...packed));
      const script = document.createElement("script");
      script.src = `${root.dataset.root}data/periods.js`;
      // A file that was read and handed nothing over is broken; one that did is no longer to be rejected.
      script.onload = script.onerror = () => { script.remove(); reject(new Error(script.src)); };
      document.head.append(script);
    }).catch((error) => {
      periods.loaded = null; // the next choice reads the file again
      throw error;
    });
    return periods.loaded;
  };
  const element = (name, attributes, ...children) => {
    const made = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    made.append(...children);
    return made;
  };
  const drawn = (of, peers, tags) => {
    if (!of) return [element("span", { class: "missing" }, "—")];
    const [value, counts, interval, status, at, low, high, goesOn] = of;
    const places = Object.entries({ v: at, l: low, h: high, p: peers?.[4] ?? null }).filter(([, place]) => place !== null);
    const style = places.map(([name, place]) => `--${name}:${place}`).join(";");
    const tag = tags.querySelector(`.${status}`)?.cloneNode(true);
    const text = element("div", {}, element("b", { class: "v" }, value), " ", element("small", { class: "n" }, counts), tag ?? "");
    if (interval) text.append(" ", element("span", { class: "ci" }, interval));
    return [element("div", { class: "cmp" }, text, element("i", { class: `iv ${status}`, style }, goesOn ? "›" : ""))];
  };
  const compare = async (period) => {
    let [data, failure] = [null, null];
    if (period !== "month") {
      try { data = await periods(); } catch (error) { failure = error.name === HENGFA_TOO_OLD ? "too_old" : "failed"; }
    }
    if (root.dataset.period !== period) return; // another one was chosen while the file was read
    for (const said of document.querySelectorAll("[data-compare]")) said.hidden = said.dataset.compare !== failure;
    const tags = document.querySelector("#statuses").content;
    for (const { cell, month } of compared) {
      if (period === "month") { cell.replaceChildren(...month); continue; }
      const row = cell.parentElement;
      const table = row.closest("table");
      // Without the file no number may stand below another period's name.
      const found = data?.[table.tHead.rows[0].cells[cell.cellIndex].dataset.k]?.[period];
      cell.replaceChildren(...drawn(found?.[row.dataset.e ?? table.dataset.e], found?.[table.dataset.e], tags));
      for (const value of cell.querySelectorAll("b.v")) linked(value, period);
    }
  };

  for (const button of buttons) {
    button.addEventListener("click", () => { show(button.dataset.setPeriod); remember(button.dataset.setPeriod); });
  }
  const wanted = remembered();
  if ([...buttons].some((button) => button.dataset.setPeriod === wanted)) show(wanted);

  // On a phone a long table shows its first rows, and of several groups the first is open, until more is asked for.
  // The style sheet hides rows on small screens alone: a wide one and paper show all, as every page does without scripts.
  const LONG = 15;
  for (const table of document.querySelectorAll("main table")) {
    const count = table.tBodies[0]?.rows.length ?? 0;
    if (count <= LONG) continue;
    const button = element("button", { type: "button", class: "unfold" }, root.dataset.unfold.replace("{count}", count));
    button.addEventListener("click", () => { table.classList.remove("folded"); });
    table.classList.add("folded");
    table.after(button);
  }
  const groups = [...document.querySelectorAll("details.peers")];
  if (matchMedia("(max-width: 48rem)").matches) groups.slice(1).forEach((group) => { group.open = false; });
  let closed = [];
  addEventListener("beforeprint", () => {
    closed = groups.filter((group) => !group.open);
    for (const group of closed) group.open = true;
  });
  addEventListener("afterprint", () => { for (const group of closed) group.open = false; });
  // What an address names has to be seen.
  const reveal = () => {
    let name;
    try {
      name = decodeURIComponent(location.hash.slice(1));
    } catch {
      // An address that was cut names nothing; the page works all the same.
      return;
    }
    const named = name ? document.getElementById(name) : null;
    if (!named) return;
    named.closest("table")?.classList.remove("folded");
    for (const fold of named.querySelectorAll(":scope > details.peers")) fold.open = true;
    for (let fold = named.closest("details"); fold; fold = fold.parentElement.closest("details")) fold.open = true;
    named.scrollIntoView();
  };
  addEventListener("hashchange", reveal);
  reveal();

  // A list or table is narrowed by what is typed and what is chosen beside it; without this script it is whole.
  for (const controls of document.querySelectorAll(".controls")) controls.hidden = false;
  const narrowed = new Map();
  const narrow = (selector) => {
    const { items, tests } = narrowed.get(selector);
    for (const table of new Set(items.map((item) => item.closest("table")))) table?.classList.remove("folded");
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
  // A number may have its unit behind it: `77.15 %`, `1,200 days`.
  const size = (text) => (/^[+−±]?[\d,]*\.?\d+( [^\d.-]+)?$/.test(text) ? Number(text.replace("−", "-").replace(/[^\d.-]/g, "")) : null);
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
