"use strict";
// Parallel coordinates: a drag along an axis asks for the runs that pass there.
const Brush = (() => {
  const WIDTH = 0.02;

  function lines({ parts }) {
    const ofRuns = parts.filter((part) => part.ofRuns);
    const column = (name) => ofRuns.flatMap(({ data }) => Array.from(data[name]));
    return { xs: column("xs"), ys: column("ys"), job: column("job") };
  }

  const ghosts = (figure) => {
    const { xs, ys } = lines(figure);
    return { xs, ys };
  };

  // The jobs whose lines cross an axis between two heights.
  function crossing(figure, axis, low, high) {
    const { ys, job } = lines(figure);
    const within = (i) => ys[i][axis] >= low && ys[i][axis] <= high;
    return [...job.keys()].filter(within).map((i) => job[i]);
  }

  // A band on each axis that the filter speaks of, over the values that it leaves there.
  function bands(figure, terms) {
    const found = figure.plot.tags.map((name, axis) => band(figure, terms, name, axis)).filter(Boolean);
    return columns(found);
  }

  function band(figure, terms, name, axis) {
    const own = terms.filter(({ column }) => Runs.names[column] === name);
    if (!own.length) return null;
    const wanted = Runs.passing(own);
    const { ys, job } = lines(figure);
    const heights = [...job.keys()].filter((i) => wanted.has(job[i])).map((i) => ys[i][axis]);
    return heights.length && [axis, Math.min(...heights) - WIDTH, Math.max(...heights) + WIDTH];
  }

  function columns(found) {
    const [x, bottom, top] = [0, 1, 2].map((i) => found.map((one) => one[i]));
    return { x, bottom, top };
  }

  // Calls `brushed` with the column of the axis and the jobs that pass, none after a click.
  function listen(figure, brushed) {
    const { source } = figure.parts.find(({ tag }) => tag === "brush");
    const axisAt = (x) => Math.max(0, Math.min(figure.plot.tags.length - 1, Math.round(x)));
    let start = null;
    on(figure.plot, "panstart", ({ x, y }) => { start = { axis: axisAt(x), y }; });
    on(figure.plot, "pan", ({ y }) => {
      if (start) source.data = columns([[start.axis, Math.min(start.y, y), Math.max(start.y, y)]]);
    });
    on(figure.plot, "panend", ({ y }) => {
      if (!start) return;
      const [low, high] = [Math.min(start.y, y), Math.max(start.y, y)];
      brushed(figure.plot.tags[start.axis], crossing(figure, start.axis, low, high));
      start = null;
    });
    on(figure.plot, "tap", ({ x }) => brushed(figure.plot.tags[axisAt(x)], []));
  }

  function on(plot, event, callback) {
    plot.js_event_callbacks = { ...plot.js_event_callbacks, [event]: [callback] };
  }

  return { bands, ghosts, listen };
})();
