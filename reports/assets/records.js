// The records behind a number. A link `#records/<indicator>/<variant>/<kind>/<period>/<tab>[/<agency>]`
// opens a list made from `data/<body>.js`; details of a record come from `data/<body>.records.js`. A link
// `#record/<entity>/<id>` opens the details of one record.
"use strict";
const hengfa = (() => {
  const RANK = { hit: 0, miss: 1, undecidable: 2, excluded: 3 };
  const PAGE = 200;
  let labels = null;
  const evidence = {};
  const records = {};
  const waiting = {};

  // ---- data -------------------------------------------------------------------------------------

  /** The values of a stored column: a line each, none for an empty one. */
  const column = (stored) => stored.split("\n").map((text) => (text === "" ? null : text));
  const number = (text) => (text === null ? null : Number(text));

  /** Whole numbers stored as differences from the last one above. */
  const steps = (stored) => {
    let at = 0;
    return column(stored).map((text) => (text === null ? null : (at += Number(text))));
  };

  /** Load a script file of `data/` once; a page from disk may load scripts, not fetch files. */
  const load = (file, store, slug) => {
    waiting[file] ??= new Promise((resolve, reject) => {
      const script = document.createElement("script");
      script.src = `${document.documentElement.dataset.root}data/${file}`;
      script.onload = async () => {
        try { resolve(await hengfaUnpack(...store[slug])); } catch (error) { reject(error.name === HENGFA_TOO_OLD ? error : new Error(file)); }
        delete store[slug]; // the packed text is needed no more
      };
      script.onerror = () => reject(new Error(file));
      document.head.append(script);
    }).catch((error) => {
      delete waiting[file]; // the next time the file is read again
      throw error;
    });
    return waiting[file];
  };

  const time = (seconds) => {
    if (seconds === null) return "";
    const [day, clock] = new Date(seconds * 1000).toISOString().split("T");
    return clock.startsWith("00:00:00") ? day : `${day} ${clock.slice(0, clock.slice(6, 8) === "00" ? 5 : 8)}`;
  };

  const say = (key, values = {}) =>
    labels.texts[key].replace(/\{(\w+)\}/g, (whole, name) => (name in values ? values[name] : whole));

  /** Why something could not be shown: a browser too old, a link that cannot be read, or a data file. */
  const explain = (error) => {
    if (error.name === HENGFA_TOO_OLD) return say("too_old", { name: error.message });
    return error instanceof URIError ? say("unknown") : say("failed", { file: error.message });
  };

  const reasonOf = (indicator, code) => {
    if (!code) return "";
    return indicator.reasons[code] ?? labels.reasons[code] ?? code;
  };

  /**
   * The distinct units of a period. A unit counts once, as its best state; of equal states the latest row
   * stands for it. In one month this changes nothing.
   */
  const unitsOf = (data, query) => {
    const table = data.tables[`${query.indicator}/${query.variant}`];
    data.read ??= {
      ...Object.fromEntries(Object.entries(data.columns).map(([name, stored]) => [name, (name === "at" ? steps : column)(stored)])),
      month: column(data.columns.month).map(number),
    };
    const inside = new Set(Object.keys(data.sets).filter((set) => data.sets[set].includes(table)));
    const last = data.months.indexOf(query.period);
    const first = last - (data.periods[query.kind] ?? 1) + 1;
    const c = data.read;
    const best = new Map();
    for (let row = 0; row < c.set.length; row += 1) {
      if (!inside.has(c.set[row]) || c.month[row] < first || c.month[row] > last) continue;
      if (query.agency && c.agency[row] !== query.agency) continue;
      const key = `${c.kind[row]}\u0000${c.unit[row]}`;
      const before = best.get(key);
      if (before !== undefined) {
        const worse = RANK[c.state[row]] - RANK[c.state[before]];
        if (worse > 0) continue;
        if (worse === 0 && (c.month[row] - c.month[before] || (c.at[row] ?? 0) - (c.at[before] ?? 0)) < 0) continue;
      }
      best.set(key, row);
    }
    return [...best.values()].map((row) => {
      // A record that is the unit itself is stored as null beside the name of its table.
      const record = c.record[row] ?? (c.entity[row] === null ? null : c.unit[row]);
      return {
        kind: c.kind[row], unit: c.unit[row], entity: c.entity[row], record, at: c.at[row], month: data.months[c.month[row]],
        agency: c.agency[row], state: c.state[row], numerator: number(c.numerator[row]), denominator: number(c.denominator[row]), reason: c.reason[row],
      };
    });
  };

  const TABS = {
    all: () => true,
    hit: (u) => u.state === "hit",
    miss: (u) => u.state === "miss",
    numerator: (u) => u.numerator > 0,
    denominator: (u) => u.denominator > 0,
    excluded: (u) => u.state === "excluded",
    undecidable: (u) => u.state === "undecidable",
  };
  const tabsOf = (unit) => ["all", "denominator", ...(unit === "share" ? ["hit", "miss"] : ["numerator"]), "excluded", "undecidable"];
  const tabLabel = (tab, indicator) =>
    tab === "all" ? say("all") : tab === "numerator" ? say("counted_numerator") : tab === "denominator" ? say("counted_denominator") : indicator.states[tab];
  const sum = (units, name) => units.reduce((total, unit) => total + (unit[name] ?? 0), 0);
  const plain = (number) => String(Number(number.toFixed(2)));

  // ---- page -------------------------------------------------------------------------------------

  /** An element with attributes and children; text is always text, never markup. */
  const make = (name, attributes = {}, ...children) => {
    const element = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) {
      if (key === "on") for (const [event, listener] of Object.entries(value)) element.addEventListener(event, listener);
      else if (value !== null && value !== false) element.setAttribute(key, value === true ? "" : value);
    }
    element.append(...children.filter((child) => child !== null));
    return element;
  };

  let dialog = null;
  let opener = null;

  const leave = () => {
    if (/^#records?\//.test(location.hash)) history.replaceState(null, "", location.pathname + location.search);
    opener?.focus();
    opener = null;
  };

  const show = (...content) => {
    if (!dialog) {
      dialog = make("dialog", { class: "records", on: { close: leave } });
      dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); });
      document.body.append(dialog);
    }
    dialog.setAttribute("aria-label", say("title"));
    dialog.replaceChildren(make("div", { class: "sheet" }, ...content));
    if (!dialog.open) dialog.showModal();
  };

  const closing = () => make("button", { type: "button", class: "tool close", on: { click: () => dialog.close() } }, say("close"));
  const message = (text) => show(make("header", {}, make("div", { class: "line" }, make("p", { role: "status" }, text), closing())));

  const nameOf = (data, unit) => {
    if (unit.kind === "matter" && data.matters[unit.unit]) return data.matters[unit.unit];
    if (unit.kind === "subject") return labels.subjects[unit.unit] ?? unit.unit;
    return unit.unit;
  };

  const COLUMNS = [
    { key: "unit", text: (u, d) => nameOf(d, u), id: (u) => u.unit },
    { key: "kind", text: (u) => labels.units[u.kind] ?? labels.entities[u.kind]?.label ?? u.kind ?? "" },
    { key: "record", text: (u) => u.record ?? "" },
    { key: "at", text: (u) => time(u.at) },
    { key: "month", text: (u) => u.month },
    { key: "agency", text: (u) => (u.agency === null ? "" : labels.agencies[u.agency] ?? u.agency) },
    { key: "state", text: (u, data, indicator) => indicator.states[u.state] ?? u.state },
    { key: "reason", text: (u, d, i) => reasonOf(i, u.reason) },
  ];
  const WEIGHTS = [
    { key: "weight_numerator", text: (u) => plain(u.numerator ?? 0), number: (u) => u.numerator },
    { key: "weight_denominator", text: (u) => plain(u.denominator ?? 0), number: (u) => u.denominator },
  ];

  const download = (name, rows) => {
    // A spreadsheet runs a text that begins like a formula; an apostrophe keeps it a text.
    const field = (text) => `"${(/^[=+\-@\t\r]/.test(text) ? `'${text}` : text).replaceAll('"', '""')}"`;
    const csv = `\ufeff${rows.map((row) => row.map(field).join(",")).join("\r\n")}\r\n`;
    const url = URL.createObjectURL(new Blob([csv], { type: "text/csv;charset=utf-8" }));
    make("a", { href: url, download: name }).click();
    setTimeout(() => URL.revokeObjectURL(url), 1000);
  };

  // ---- details of a record ----------------------------------------------------------------------

  const fieldText = (value, [, type, codes, refers], details) => {
    if (value === null) return null;
    if (type === "date" || type === "datetime") return typeof value === "number" ? time(value) : value;
    if (type === "boolean") return say(value === "true" ? "yes" : "no");
    const names = refers === "matters.matter_id" ? details.matters : refers === "subjects.subject_id" ? labels.subjects : refers === "agencies.agency_id" ? labels.agencies : null;
    const one = (code) => (codes ? labels.codes[codes]?.[code] ?? code : names?.[code] ? `${names[code]} (${code})` : code);
    return type === "list" ? value.split(";").map(one).join("、") : one(value);
  };

  /** The columns of an entity's details; steps run down a column, differences along a record's times. */
  const readDetails = (fields, described) => {
    const read = {};
    let before = [];
    for (const [name, stored] of Object.entries(fields)) {
      if (!Array.isArray(stored)) { read[name] = column(stored); continue; }
      const [kind, text] = stored;
      const start = before;
      read[name] = kind === "steps" ? steps(text) : column(text).map((value, row) => (value === null ? null : Number(value) + (start[row] ?? 0)));
      if (described[name]) before = read[name].map((value, row) => value ?? start[row] ?? null);
    }
    return read;
  };

  const detailsOf = (details, unit) => {
    const stored = details.entities[unit.entity];
    const entity = labels.entities[unit.entity];
    if (!stored || !entity) return null;
    stored.read ??= readDetails(stored, entity.fields);
    stored.at ??= new Map(stored.read.id.map((id, row) => [id, row]));
    const row = stored.at.get(unit.record);
    if (row === undefined) return null;
    const list = make("dl");
    for (const [field, described] of Object.entries(entity.fields)) {
      const values = stored.read[field === entity.key ? "id" : field];
      if (!values) continue;
      const text = fieldText(values[row], described, details);
      if (text !== null && text !== "") list.append(make("div", {}, make("dt", {}, described[0]), make("dd", {}, text)));
    }
    const read = (name) => stored.read[name]?.[row] ?? null;
    const file = read("source_file");
    if (file) list.append(make("div", {}, make("dt", {}, say("source")), make("dd", {}, `${file}, ${say("source_row", { row: read("source_row") })}`)));
    if (entity.hidden.length) list.append(make("div", {}, make("dt", {}, "—"), make("dd", {}, say("hidden", { fields: entity.hidden.join("、") }))));
    return list;
  };

  // ---- the list ---------------------------------------------------------------------------------

  const list = (slug, data, query) => {
    const indicator = labels.indicators[query.indicator];
    const result = data.results[query.agency]?.[`${query.indicator}/${query.variant}/${query.kind}/${query.period}`];
    if (!indicator || !result) { message(say("unknown")); return; }
    const [status, value, interval, numerator, denominator, excluded, undecidable, why] = result;
    const units = unitsOf(data, query);
    const weighted = indicator.unit !== "share" || units.some((u) => u.numerator > 1 || u.denominator > 1);
    const columns = COLUMNS.filter((c) => (c.key === "month" ? query.kind !== "month" : c.key === "agency" ? units.some((u) => u.agency !== null) : true)).concat(weighted ? WEIGHTS : []);
    const known = (tab) => (tab in TABS && tabsOf(indicator.unit).includes(tab) ? tab : "all");
    const state = { tab: known(query.tab), text: "", by: null, down: false, shown: PAGE };

    const counted = [
      [say("numerator"), sum(units, "numerator"), numerator],
      [say("denominator"), sum(units, "denominator"), denominator],
      [labels.states.excluded, units.filter(TABS.excluded).length, excluded],
      [labels.states.undecidable, units.filter(TABS.undecidable).length, undecidable],
    ];
    const agrees = counted.every(([, listed, stated]) => Math.abs(listed - stated) < 1e-6);
    const words = counted.map(([name, listed, stated]) => `${name} ${plain(listed)}${Math.abs(listed - stated) < 1e-6 ? "" : ` ≠ ${plain(stated)}`}`).join(" · ");

    const chosen = () => {
      const text = state.text.toLowerCase();
      const rows = units.filter(TABS[state.tab]).filter((u) => !text || columns.some((c) => c.text(u, data, indicator).toLowerCase().includes(text)) || u.unit.toLowerCase().includes(text));
      if (state.by) {
        const order = new Intl.Collator(labels.language, { numeric: true });
        const sign = state.down ? -1 : 1;
        rows.sort((a, b) => sign * (state.by.number ? state.by.number(a) - state.by.number(b) : order.compare(state.by.text(a, data, indicator), state.by.text(b, data, indicator))));
      }
      return rows;
    };

    const body = make("tbody");
    const head = make("tr");
    const foot = make("p", { class: "note", role: "status" });
    const tabs = make("div", { class: "tabs", role: "group", "aria-label": say("state") });

    const expand = async (unit, row, button) => {
      if (row.nextSibling?.classList?.contains("record")) {
        row.nextSibling.remove();
        button.setAttribute("aria-expanded", "false");
        return;
      }
      button.setAttribute("aria-expanded", "true");
      const cell = make("td", { colspan: columns.length }, say("loading"));
      row.after(make("tr", { class: "record" }, cell));
      try {
        const details = await load(`${slug}.records.js`, records, slug);
        cell.replaceChildren(detailsOf(details, unit) ?? say("no_details"));
      } catch (error) {
        cell.replaceChildren(explain(error));
      }
    };

    const line = (unit) => {
      const row = make("tr");
      columns.forEach((c, position) => {
        const text = c.text(unit, data, indicator);
        if (position === 0) {
          const id = c.id(unit);
          row.append(make("th", { scope: "row" }, text, text === id ? null : make("small", {}, id)));
        } else if (c.key === "record" && text) {
          const button = make("button", { type: "button", class: "link", "aria-expanded": "false", title: say("details") }, text);
          button.addEventListener("click", () => expand(unit, row, button));
          row.append(make("td", { "data-label": say(c.key) }, button));
        } else row.append(make("td", { "data-label": say(c.key), class: c.number ? "r" : null }, text));
      });
      return row;
    };

    const draw = () => {
      tabs.replaceChildren(...tabsOf(indicator.unit).map((tab) => {
        const inside = units.filter(TABS[tab]);
        const whole = tab === "hit" || tab === "numerator" ? sum(inside, "numerator") : tab === "miss" || tab === "denominator" ? sum(inside, "denominator") : inside.length;
        const more = whole === inside.length ? "" : ` (${say("sum", { sum: plain(whole) })})`;
        return make("button", { type: "button", "data-tab": tab, "data-count": String(inside.length), "aria-pressed": String(tab === state.tab),
          on: { click: () => { state.tab = tab; state.shown = PAGE; draw(); tabs.querySelector(`[data-tab="${tab}"]`).focus(); } } }, `${tabLabel(tab, indicator)} ${inside.length}${more}`);
      }));
      head.replaceChildren(...columns.map((c) => make("th", { scope: "col", class: c.number ? "r" : null, "aria-sort": state.by === c ? (state.down ? "descending" : "ascending") : null },
        make("button", { type: "button", title: say("sort"), on: { click: () => { state.down = state.by === c && !state.down; state.by = c; draw(); } } }, say(c.key)))));
      const rows = chosen();
      body.replaceChildren(...rows.slice(0, state.shown).map(line));
      foot.replaceChildren(rows.length ? say("shown", { shown: Math.min(state.shown, rows.length), all: rows.length }) : say("none"), " ");
      if (rows.length > state.shown) {
        foot.append(make("button", { type: "button", class: "tool", on: { click: () => { state.shown += PAGE; draw(); } } }, say("more", { count: Math.min(PAGE, rows.length - state.shown) })));
      }
    };

    const filter = make("input", { type: "search", on: { input: (event) => { state.text = event.target.value.trim(); state.shown = PAGE; draw(); } } });
    const csv = () => {
      const wanted = [{ key: "record_unit", text: (u) => u.unit, title: `${say("unit")} ID` }, ...columns];
      download(`${data.subject}-${query.indicator}-${query.variant}-${query.kind}-${query.period}-${state.tab}.csv`,
        [wanted.map((c) => c.title ?? say(c.key)), ...chosen().map((u) => wanted.map((c) => c.text(u, data, indicator)))]);
    };
    const where = query.agency ? labels.agencies[query.agency] ?? query.agency : labels.subjects[data.subject] ?? data.subject;
    const span = query.kind === "month" ? query.period : `${labels.periods[query.kind]} (${data.months[data.months.indexOf(query.period) - data.periods[query.kind] + 1]} – ${query.period})`;
    show(
      make("header", {},
        make("div", { class: "line" }, make("h2", {}, `${where} · ${indicator.name}`), closing()),
        make("p", { class: "quiet" }, [indicator.variants[query.variant] ?? query.variant, span].filter((word) => word).join(" · ")),
        make("p", { class: "summary" }, make("b", {}, value || "—"), interval ? `${say(status === "bounds" ? "bounds" : "interval")} ${interval}  ` : "", make("span", { class: `tag ${status}` }, labels.statuses[status] ?? status), why ? ` ${reasonOf(indicator, why)}` : ""),
        make("p", { class: agrees ? "agrees" : "differs" }, say(agrees ? "agrees" : "differs", { list: words })),
        query.kind === "month" ? null : make("p", { class: "note" }, say("distinct")),
        tabs,
        make("div", { class: "tools" }, make("label", {}, say("filter"), filter), make("button", { type: "button", class: "tool", on: { click: csv } }, say("download"))),
      ),
      make("div", { class: "scroll", tabindex: "0" }, make("table", {}, make("caption", { class: "quiet" }, say("title")), make("thead", {}, head), body), foot),
    );
    draw();
  };

  /** The details of one record, named by its table and id. */
  const one = (details, entity, record) => {
    show(
      make("header", {},
        make("div", { class: "line" }, make("h2", {}, `${labels.entities[entity]?.label ?? entity} ${record}`), closing()),
        make("p", { class: "quiet" }, say("one"))),
      make("div", { class: "scroll record", tabindex: "0" }, detailsOf(details, { entity, record }) ?? make("p", {}, say("no_details"))),
    );
  };

  const follow = async () => {
    if (!/^#records?\//.test(location.hash)) {
      if (dialog?.open) dialog.close();
      return;
    }
    const slug = document.querySelector("[data-subject]").dataset.subject;
    opener = document.activeElement === document.body ? null : document.activeElement;
    message(say("loading"));
    try {
      const [page, ...parts] = location.hash.slice(1).split("/").map(decodeURIComponent);
      if (page === "record") {
        one(await load(`${slug}.records.js`, records, slug), ...parts);
        return;
      }
      const [indicator, variant, kind, period, tab = "all", agency = ""] = parts;
      list(slug, await load(`${slug}.js`, evidence, slug), { indicator, variant, kind, period, tab, agency });
    } catch (error) {
      message(explain(error));
    }
  };

  window.addEventListener("hashchange", follow);
  return {
    labels: (value) => { labels = value; follow(); },
    evidence: (slug, ...packed) => { evidence[slug] = packed; },
    records: (slug, ...packed) => { records[slug] = packed; },
  };
})();
