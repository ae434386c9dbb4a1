"use strict";
(() => {
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const shown = [];
  document.documentElement.classList.add("live");

  const INK = ["axis_label_text_color", "major_label_text_color", "title_text_color"];
  const LINES = ["axis_line_color", "major_tick_line_color"];

  function paint(models, isDark) {
    const ink = isDark ? "#e4e7eb" : "#1f2328";
    const paper = isDark ? "#16191d" : "#ffffff";
    for (const model of models) {
      for (const name of [...INK, ...LINES]) if (name in model.properties) model[name] = ink;
      if (!model.glyph) continue;
      if (model.name === "ink" && "background_fill_color" in model.glyph.properties) {
        model.glyph.background_fill_color = { value: paper };
      }
      const colour = model.name === "ink" ? ink : groupColour(model.name, isDark);
      if (!colour) continue;
      for (const name of ["line_color", "fill_color", "text_color"]) {
        if (name in model.glyph.properties) model.glyph[name] = { value: colour };
      }
    }
  }

  function groupColour(name, isDark) {
    const entry = name && document.querySelector(`.legend [data-group="${CSS.escape(name)}"]`);
    return entry && getComputedStyle(entry).getPropertyValue(isDark ? "--d" : "--c").trim();
  }

  function hide(models, name, visible) {
    for (const model of models) if (model.glyph && model.name === name) model.visible = visible;
  }

  async function embed(place) {
    const item = JSON.parse(document.getElementById(place.dataset.item).textContent);
    const found = await Bokeh.embed.embed_item(item, place.id);
    const models = [...[...found][0].model.document.all_models];
    const touch = matchMedia("(pointer: coarse)").matches;
    if (touch) for (const model of models) if (model.type === "BoxZoomTool") model.active = false;
    paint(models, dark.matches);
    for (const entry of document.querySelectorAll('.legend [aria-pressed="false"]')) {
      hide(models, entry.dataset.group, false);
    }
    shown.push(models);
  }

  function repaint(isDark) {
    for (const models of shown) paint(models, isDark);
  }

  function press(entry) {
    const entries = [...document.querySelectorAll(".legend [aria-pressed]")];
    const visible = entry.dataset.group === "all"
      ? entries.some((other) => other.ariaPressed === "false")
      : entry.ariaPressed === "false";
    for (const other of entries) {
      if (entry.dataset.group !== "all" && other.dataset.group !== entry.dataset.group) continue;
      other.ariaPressed = String(visible);
      for (const models of shown) hide(models, other.dataset.group, visible);
    }
  }

  function sort(table, column) {
    const head = table.tHead.rows[0].cells[column];
    const down = head.ariaSort === "ascending";
    for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", down ? "descending" : "ascending");
    const body = table.tBodies[0];
    const keyed = [...body.rows].map((row) => [key(row.cells[column]), row]);
    keyed.sort(([a], [b]) => compare(a, b, down ? -1 : 1));
    body.append(...keyed.map(([, row]) => row));
  }

  // Numbers by size, words by letter after them, what is missing or not a number always last.
  function key(cell) {
    const text = (cell.dataset.v ?? cell.textContent).trim();
    const number = Number(text.replace(/^(-?)inf$/, "$1Infinity"));
    if (text === "" || text === "nan") return [2, 0];
    return Number.isNaN(number) ? [1, text] : [0, number];
  }

  function compare([kind, value], [otherKind, other], direction) {
    if (kind === 2 || otherKind === 2) return kind - otherKind;
    if (kind !== otherKind) return (kind - otherKind) * direction;
    const order = kind === 1 ? value.localeCompare(other) : value - other || 0;
    return order * direction;
  }

  function filter(table, words, count) {
    const names = [...table.tHead.rows[0].cells].map((cell) => cell.textContent.trim());
    const wanted = words.toLowerCase().split(/\s+/).filter(Boolean);
    let left = 0;
    for (const row of table.tBodies[0].rows) {
      const cells = [...row.cells].map((cell) => cell.textContent.toLowerCase());
      const pairs = new Set(cells.map((text, i) => `${names[i].toLowerCase()}=${text}`));
      row.hidden = !wanted.every((word) =>
        word.includes("=") ? pairs.has(word) : cells.some((text) => text.includes(word)));
      left += !row.hidden;
    }
    count.textContent = `${left} of ${table.tBodies[0].rows.length} runs`;
  }

  for (const place of document.querySelectorAll(".plot")) {
    const folded = place.closest("details:not([open])");
    if (folded) folded.addEventListener("toggle", () => embed(place), { once: true });
    else embed(place);
  }
  for (const entry of document.querySelectorAll(".legend button")) {
    entry.addEventListener("click", () => press(entry));
  }
  const table = document.getElementById("all-runs");
  table.querySelectorAll("th button").forEach((button, column) => {
    button.addEventListener("click", () => sort(table, column));
  });
  const search = document.getElementById("filter");
  const count = document.getElementById("count");
  if (search) search.addEventListener("input", () => filter(table, search.value, count));
  dark.addEventListener("change", () => repaint(dark.matches));
  addEventListener("beforeprint", () => repaint(false));
  addEventListener("afterprint", () => repaint(dark.matches));
})();
