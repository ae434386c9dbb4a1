"use strict";
// The figures of a page, drawn in its own colours: on paper or in the dark.
const Canvas = (() => {
  const INK = ["axis_label_text_color", "major_label_text_color", "title_text_color"];
  const LINES = ["axis_line_color", "major_tick_line_color"];
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const painted = [];
  document.documentElement.classList.add("live");

  function paint(models, isDark) {
    const ink = isDark ? "#e4e7eb" : "#1f2328";
    const paper = isDark ? "#16191d" : "#ffffff";
    for (const model of models) {
      for (const name of [...INK, ...LINES]) if (name in model.properties) model[name] = ink;
      if ("palette" in model.properties && model.tags.length) model.palette = model.tags[Number(isDark)];
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

  // Numbers in cells are as large as fit there, and left out where they could not be read.
  function fit(plot, words) {
    const resize = () => {
      const cell = plot.inner_width / (plot.x_range.end - plot.x_range.start);
      const size = Math.min(12, Math.floor(cell / (0.62 * words.tags[1])));
      words.glyph.text_font_size = { value: `${size}px` };
      words.visible = size >= 7;
    };
    plot.properties.inner_width.change.connect(resize);
    plot.x_range.change.connect(resize);
    resize();
  }

  // Words along an axis are turned where they would touch.
  function turn(plot, axis) {
    const [, count, turned] = axis.tags;
    const resize = () => {
      axis.major_label_orientation = plot.inner_width < 9 * count ? turned : "horizontal";
    };
    plot.properties.inner_width.change.connect(resize);
    resize();
  }

  const repaint = (isDark) => painted.forEach((models) => paint(models, isDark));

  // The same figure with another kind of vertical axis; its range is left to who knows the data.
  function rescale(item, kind) {
    const { attributes } = item.doc.roots[0];
    const [axis] = attributes.left;
    const [Name, range] = [kind === "log" ? "Log" : "Linear", attributes.y_range.attributes];
    attributes.y_scale.name = `${Name}Scale`;
    if (axis.name === `${Name}Axis`) return;
    axis.name = `${Name}Axis`;
    axis.attributes.ticker = { type: "object", name: kind === "log" ? "LogTicker" : "BasicTicker", id: "own-ticker" };
    const formatter = kind === "log" ? "LogTickFormatter" : "BasicTickFormatter";
    axis.attributes.formatter = { type: "object", name: formatter, id: "own-formatter" };
    delete axis.attributes.major_label_overrides;
    delete axis.attributes.tags;
    if (kind === "log" && range.start <= 0) range.start = range.end / 1e6;
  }

  // Draws the figure of a place, and gives it with all that it is made of.
  async function embed(place, kind) {
    const item = JSON.parse(document.getElementById(place.dataset.item).textContent);
    if (kind) rescale(item, kind);
    place.replaceChildren();
    const found = await Bokeh.embed.embed_item(item, place.id);
    const plot = [...found][0].model;
    const models = [...plot.document.all_models];
    const touch = matchMedia("(pointer: coarse)").matches;
    if (touch) for (const model of models) if (model.type === "BoxZoomTool") model.active = false;
    paint(models, dark.matches);
    painted.push(models);
    for (const model of models) if (model.tags[0] === "in cells") fit(plot, model);
    for (const model of models) if (model.tags[0] === "words") turn(plot, model);
    return { plot, models };
  }

  dark.addEventListener("change", () => repaint(dark.matches));
  addEventListener("beforeprint", () => repaint(false));
  addEventListener("afterprint", () => repaint(dark.matches));

  return { embed };
})();
