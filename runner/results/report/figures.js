"use strict";
// The figures, kept to the runs that are shown.
const Figures = (() => {
  const shown = [];
  const hidden = new Set();
  let jobs = null;
  let picked = null;
  let terms = [];
  let curves = { scale: "", across: "epoch", smoothing: 0 };

  async function embed(place, brushed) {
    const ofCurves = place.closest("#curves") !== null;
    const { plot, models } = await Canvas.embed(place, ofCurves ? curves.scale : "");
    const figure = { place, ofCurves, plot, models, parts: models.filter((model) => model.glyph).map(part) };
    shown.push(figure);
    if (ofCurves) reshape(figure);
    draw(figure);
    for (const axis of models.filter(({ tags }) => tags[0]?.type === "LogTicker")) retick(plot, axis);
    if (tagged(figure, "brush")) Brush.listen(figure, brushed);
  }

  // Ticks of a log axis are spaced like those of a linear one once little of it is seen.
  function retick(plot, axis) {
    const range = plot.left.includes(axis) ? plot.y_range : plot.x_range;
    const whole = axis.ticker;
    range.change.connect(() => { axis.ticker = range.end / range.start < 6 ? axis.tags[0] : whole; });
  }

  // A glyph with its data as it came, and in what it tells of each run its settings as well.
  function part(renderer) {
    const source = renderer.data_source;
    const data = Object.fromEntries(source.columns().map((name) => [name, source.get_column(name)]));
    const jobs = data.job ?? data.lost;
    if (jobs) source.data = Object.assign(data, { run: Array.from(jobs, Runs.label) });
    return { renderer, source, data, original: data, tag: renderer.tags[0], group: renderer.tags[1], ofRuns: "job" in data };
  }

  // Curves are drawn anew for another kind of axis, and reshaped for all else.
  async function change(wanted) {
    const isRescaled = wanted.scale !== curves.scale;
    curves = wanted;
    for (const figure of shown.filter(({ ofCurves }) => ofCurves)) {
      if (isRescaled) {
        shown.splice(shown.indexOf(figure), 1);
        await embed(figure.place);
      } else {
        reshape(figure);
        draw(figure);
      }
    }
  }

  function reshape(figure) {
    const lines = figure.parts.filter(({ original }) => "step" in original);
    for (const part of lines) part.data = { ...part.original, ...Curves.shape(part.original, curves) };
    for (const { renderer } of figure.parts) {
      if (renderer.glyph.type === "VSpan") renderer.glyph.line_alpha = { value: Number(curves.across === "epoch") };
    }
    if (!lines.length) return;
    figure.plot.below[0].axis_label = curves.across;
    fit(figure.plot.x_range, lines.flatMap(({ data }) => [...data.x]), false);
    if (curves.scale) fit(figure.plot.y_range, lines.flatMap(({ data }) => [...data.y]), curves.scale === "log");
  }

  function fit(range, values, log) {
    const known = values.filter((value) => Number.isFinite(value) && (value > 0 || !log));
    if (!known.length) return;
    const [low, high] = [known.reduce((a, b) => Math.min(a, b)), known.reduce((a, b) => Math.max(a, b))];
    const [to, back] = log ? [Math.log, Math.exp] : [(v) => v, (v) => v];
    const gap = 0.05 * (to(high) - to(low)) || 0.5;
    range.setv({ start: back(to(low) - gap), end: back(to(high) + gap) });
  }

  const tagged = (figure, tag) => figure.parts.find((part) => part.tag === tag);

  function draw(figure) {
    for (const part of figure.parts) {
      const { renderer, source, data, ofRuns } = part;
      renderer.visible = !hidden.has(renderer.name);
      if (ofRuns) set(source, jobs === null ? data : keep(data, jobs));
      if (part.tag === "lost") set(source, jobs === null ? data : keep(data, jobs, data.lost));
      if (part.tag === "mean") set(source, hasAll(figure) ? data : means(figure, part.group));
      if (part.tag === "picked") set(source, marked(figure, data));
      if (part.tag === "ghost") set(source, jobs === null ? data : Brush.ghosts(figure));
      if (part.tag === "brush") set(source, Brush.bands(figure, terms));
    }
  }

  // What the mouse was on may be gone with the data.
  function set(source, data) {
    if (source.data === data) return;
    source.inspected.clear();
    source.data = data;
  }

  // The rows of some jobs; a curve keeps the gap behind it.
  function keep(data, wanted, ofJobs = data.job) {
    const places = [...ofJobs.keys()].filter((i) => wanted.has(ofJobs[i]));
    const pairs = Object.entries(data);
    return Object.fromEntries(pairs.map(([name, column]) => [name, places.map((i) => column[i])]));
  }

  const ofRuns = (figure) => figure.parts.filter((part) => part.ofRuns);
  const seen = (figure) => ofRuns(figure).filter(({ renderer }) => renderer.visible);
  const hasAll = (figure) => jobs === null && seen(figure).length === ofRuns(figure).length;

  function means(figure, wanted) {
    const sums = new Map();
    for (const { source } of seen(figure)) {
      const [places, y, groups] = ["place", "y", "group"].map((name) => source.get_column(name));
      places.forEach((at, i) => {
        if (groups[i] === wanted) sums.set(at, [...(sums.get(at) ?? []), y[i]]);
      });
    }
    const x = [...sums.keys()].sort((a, b) => a - b);
    const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;
    return { x, y: x.map((at) => mean(sums.get(at))) };
  }

  function marked(figure, data) {
    const wanted = new Set(jobs === null || jobs.has(picked) ? [picked] : []);
    const parts = seen(figure).map((part) => keep(part.data, wanted));
    const column = (name) => parts.flatMap((part) => part[name]);
    return Object.fromEntries(Object.keys(data).map((name) => [name, column(name)]));
  }

  const redraw = () => shown.forEach(draw);

  function hide(name, isHidden) {
    if (isHidden) hidden.add(name);
    else hidden.delete(name);
  }

  function show(wanted, by) {
    [jobs, terms] = [wanted, by];
    redraw();
  }

  function pick(job) {
    picked = job;
    redraw();
  }

  return { embed, change, hide, redraw, show, pick };
})();
