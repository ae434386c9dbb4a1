"use strict";
// The table of runs: sorting it, and telling which runs the words in "Show only" leave.
const Runs = (() => {
  const table = document.getElementById("all-runs");
  const heads = [...table.tHead.rows[0].cells];
  const names = heads.map((head) => head.textContent.trim());
  const rows = [...table.tBodies[0].rows];
  const cells = rows.map((row) => [...row.cells].map(read));
  const place = names.indexOf("job");
  const rowOf = new Map(cells.map((row, i) => [Number(row[place].exact), i]));

  function read(cell) {
    const text = cell.textContent.trim();
    return { text, exact: cell.dataset.v ?? text };
  }

  // Numbers by size, words by letter after them, what is missing or not a number always last.
  function key({ exact }) {
    const number = Number(exact.replace(/^(-?)inf$/, "$1Infinity"));
    if (exact === "" || exact === "nan") return [2, 0];
    return Number.isNaN(number) ? [1, exact] : [0, number];
  }

  function compare([kind, value], [otherKind, other], direction) {
    if (kind === 2 || otherKind === 2) return kind - otherKind;
    if (kind !== otherKind) return (kind - otherKind) * direction;
    const order = kind === 1 ? value.localeCompare(other) : value - other || 0;
    return order * direction;
  }

  function sort(column) {
    const down = heads[column].ariaSort === "ascending";
    for (const head of heads) head.removeAttribute("aria-sort");
    heads[column].setAttribute("aria-sort", down ? "descending" : "ascending");
    const keyed = cells.map((row, i) => [key(row[column]), rows[i]]);
    keyed.sort(([a], [b]) => compare(a, b, down ? -1 : 1));
    table.tBodies[0].append(...keyed.map(([, row]) => row));
  }

  // A word of the filter ends at a blank outside of quotes, but for blanks round its sign.
  function parse(words) {
    const closed = words.replace(/("(?:[^"\\]|\\.)*"?)|\s*([<>=]=?)\s*/g, "$1$2");
    return (closed.match(/(?:"(?:[^"\\]|\\.)*"?|[^\s"])+/g) ?? []).map(parseTerm);
  }

  function parseTerm(source) {
    const unquote = (_, inner) => inner.replace(/\\(.)/g, "$1");
    const term = source.replace(/"((?:[^"\\]|\\.)*)"?/g, unquote).toLowerCase();
    const about = aboutColumn(term, names) ?? aboutColumn(term, names.map(lastPart));
    return { source, ...(about ?? { value: term }) };
  }

  // The last part of a name where that is no other column's name or last part.
  function lastPart(name) {
    const part = name.split(".").at(-1);
    const ends = names.filter((other) => other === part || other.endsWith(`.${part}`));
    return ends.length === 1 ? part : name;
  }

  function aboutColumn(term, known) {
    for (const [column, name] of known.entries()) {
      const found = comparison(term, name);
      if (found) return { column, ...found };
    }
    return null;
  }

  // What a term says of a column, if it begins with its name.
  function comparison(term, name) {
    if (!term.startsWith(name.toLowerCase())) return null;
    const [, sign, value] = term.slice(name.length).match(/^([<>]=?|=)(.*)$/s) ?? [];
    return sign && { sign, value: value.trim() };
  }

  function passes(row, { column, sign, value }) {
    if (column === undefined) return row.some(({ text }) => text.toLowerCase().includes(value));
    if (sign === "=") return isOneOf(row[column], value) || isDouble(row[column], value);
    const [kind, number] = key(row[column]);
    const [otherKind, other] = key({ exact: value });
    if (kind !== 0 || otherKind !== 0) return false;
    if (number === other) return sign[1] === "=";
    return number > other === (sign[0] === ">");
  }

  // A value may hold the sign that parts the alternatives; a number may be written in many ways.
  function isOneOf({ text, exact }, values) {
    if ([text, exact].some((one) => `|${values}|`.includes(`|${one.toLowerCase()}|`))) return true;
    const [kind, number] = key({ exact });
    if (kind !== 0) return false;
    return values.split("|").map((value) => key({ exact: value.trim() }))
      .some(([otherKind, other]) => otherKind === 0 && other === number);
  }

  // key==value means key=value, unless a value begins with the sign.
  const isDouble = (cell, value) => value[0] === "=" && isOneOf(cell, value.slice(1).trim());

  // The jobs that satisfy every term.
  function passing(terms) {
    const kept = [...rowOf].filter(([, i]) => terms.every((term) => passes(cells[i], term)));
    return new Set(kept.map(([job]) => job));
  }

  function show(jobs) {
    for (const [job, i] of rowOf) rows[i].hidden = jobs !== null && !jobs.has(job);
  }

  // The term that leaves the values these jobs have in a column, in the words of the filter.
  function describe(name, jobs) {
    const values = new Map([...jobs].map((job) => cells[rowOf.get(job)][names.indexOf(name)])
      .map((cell) => [cell.exact, key(cell)]));
    const ordered = [...values].sort(([, a], [, b]) => compare(a, b, 1));
    const [[low], ...rest] = ordered;
    const high = rest.at(-1)?.[0];
    if (high === undefined) return quote(`${name}=${low}`);
    if ([...values.values()].every(([kind]) => kind === 0)) {
      return `${quote(`${name}>=${low}`)} ${quote(`${name}<=${high}`)}`;
    }
    return quote(`${name}=${ordered.map(([value]) => value).join("|")}`);
  }

  function quote(term) {
    return /[\s"\\]|[<>=]$/.test(term) ? `"${term.replace(/["\\]/g, "\\$&")}"` : term;
  }

  function label(job) {
    const row = cells[rowOf.get(job)];
    if (!row) return `${job}`;
    const settings = heads.flatMap((head, i) =>
      "key" in head.dataset ? [`${names[i]}=${row[i].text || "(not set)"}`] : []);
    return `${job}: ${settings.join(", ")}`;
  }

  function mark(job) {
    for (const row of rows) row.removeAttribute("aria-current");
    if (job !== null) rows[rowOf.get(job)].setAttribute("aria-current", "true");
  }

  const jobOf = (row) => [...rowOf].find(([, i]) => rows[i] === row)?.[0];

  const isNumber = (value) => key({ exact: value })[0] === 0;
  const isText = (value) => cells.some((row) => row.some(({ text }) => text.toLowerCase().includes(value)));

  const count = rows.length;
  return {
    table, heads, names, count, sort, parse, passing, show, describe, label, mark, jobOf,
    isNumber, isText,
  };
})();
