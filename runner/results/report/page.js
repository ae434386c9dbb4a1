"use strict";
// What can be done on the page. Which runs are shown has one place: the words in "Show only".
(() => {
  const search = document.getElementById("filter");
  const bar = document.getElementById("shown");
  const PAUSE = 100;
  let waiting;

  function filter() {
    const terms = Runs.parse(search.value);
    const jobs = terms.length ? Runs.passing(terms) : null;
    Runs.show(jobs);
    // A thousand lines take long to draw: not at every letter, but when the typing rests.
    clearTimeout(waiting);
    waiting = setTimeout(() => Figures.show(jobs, terms), PAUSE);
    tell(jobs ? jobs.size : Runs.count, jobs !== null, terms.map(Advice.on).filter(Boolean));
  }

  function tell(left, filtered, advice) {
    const words = `${left} of ${Runs.count} runs`;
    document.getElementById("count").textContent = [words, ...advice].join("; ");
    document.documentElement.classList.toggle("filtered", filtered);
    bar.hidden = !filtered;
    bar.querySelector("span").textContent = [`${words} shown: ${search.value}`, ...advice].join("; ");
  }

  function ask(words) {
    search.value = words;
    filter();
  }

  // What the filter said of this column gives way to what was brushed.
  function brush(name, jobs) {
    const others = Runs.parse(search.value).filter(({ column }) => Runs.names[column] !== name);
    const asked = jobs.length ? [Runs.describe(name, jobs)] : [];
    ask([...others.map(({ source }) => source), ...asked].join(" "));
  }

  function press(entry) {
    const entries = [...document.querySelectorAll(".legend [aria-pressed]")];
    const visible = entry.dataset.group === "all"
      ? entries.some((other) => other.ariaPressed === "false")
      : entry.ariaPressed === "false";
    for (const other of entries) {
      if (entry.dataset.group !== "all" && other.dataset.group !== entry.dataset.group) continue;
      other.ariaPressed = String(visible);
      Figures.hide(other.dataset.group, !visible);
    }
    Figures.redraw();
  }

  // A click on a row marks its run in the figures, a second one takes the mark away.
  function pick({ target }) {
    const row = target.closest("tbody tr");
    if (!row || !getSelection().isCollapsed) return;
    const job = row.ariaCurrent === "true" ? null : Runs.jobOf(row);
    Runs.mark(job);
    Figures.pick(job);
  }

  // How curves are shown; a metric that is chosen gets its figure, once.
  function control({ target }) {
    const asked = (name) => controls.querySelector(`[name=${name}]`).value;
    const place = target.name === "more" && document.getElementById(target.value);
    if (place) {
      place.closest("figure").hidden = false;
      target.selectedOptions[0].disabled = true;
      target.value = "";
      Figures.embed(place, brush);
    }
    controls.querySelector("output").textContent = asked("smoothing");
    Figures.change({ scale: asked("scale"), across: asked("across"), smoothing: Number(asked("smoothing")) });
  }
  const controls = document.getElementById("controls");
  controls?.addEventListener("input", control);

  for (const place of document.querySelectorAll("figure:not([hidden]) > .plot")) {
    const embed = () => Figures.embed(place, brush);
    const folded = place.closest("details:not([open])");
    if (folded) folded.addEventListener("toggle", embed, { once: true });
    else embed();
  }
  for (const entry of document.querySelectorAll(".legend button")) {
    entry.addEventListener("click", () => press(entry));
  }
  if (search) {
    Runs.heads.forEach((head, i) => head.addEventListener("click", () => Runs.sort(i)));
    search.addEventListener("input", filter);
    Runs.table.addEventListener("click", pick);
    bar.querySelector("button").addEventListener("click", () => ask(""));
  }
})();
