"use strict";
// What is wrong with a term of the filter that no run can satisfy.
const Advice = (() => {
  const MOST_SLIPS = 2;

  // A sentence, or nothing where the term means something.
  function on({ column, sign, value }) {
    if (column !== undefined) return sign !== "=" && !Runs.isNumber(value) ? noNumber(sign, value) : "";
    const name = value.match(/^([^<>=]+)[<>=]/)?.[1].trim();
    return name && !Runs.isText(value) ? noColumn(name) : "";
  }

  const noNumber = (sign, value) => `no number after ${sign}${value && `: '${value}'`}`;

  function noColumn(name) {
    const known = Runs.names.flatMap((full) => [full, full.split(".").at(-1)]);
    const near = known.map((other) => [slips(name, other.toLowerCase()), other]).sort(([a], [b]) => a - b)[0];
    const meant = near[0] <= MOST_SLIPS ? `; did you mean '${near[1]}'?` : "";
    return `no column '${name}'${meant}`;
  }

  // How many letters must be put in, left out, changed or swapped to make one word the other.
  function slips(one, other) {
    const table = Array.from({ length: one.length + 1 }, (_, i) => [i]);
    for (let j = 1; j <= other.length; j++) table[0][j] = j;
    for (let i = 1; i <= one.length; i++) {
      for (let j = 1; j <= other.length; j++) {
        const swapped = i > 1 && j > 1 && one[i - 1] === other[j - 2] && one[i - 2] === other[j - 1];
        const changed = table[i - 1][j - 1] + (one[i - 1] !== other[j - 1]);
        const swap = swapped ? table[i - 2][j - 2] + 1 : Infinity;
        table[i][j] = Math.min(table[i - 1][j] + 1, table[i][j - 1] + 1, changed, swap);
      }
    }
    return table[one.length][other.length];
  }

  return { on };
})();
