"use strict";
// What curves may be shown as: smoothed, against steps.
const Curves = (() => {
  // An exponential moving average, its start corrected, begun anew behind every gap.
  function smooth(values, weight) {
    let [sum, total] = [0, 0];
    return values.map((value) => {
      if (!Number.isFinite(value)) {
        [sum, total] = [0, 0];
        return value;
      }
      sum = weight * sum + (1 - weight) * value;
      total = weight * total + (1 - weight);
      return sum / total;
    });
  }

  const shape = ({ x, y, step }, { across, smoothing }) => ({
    x: across === "step" ? step : x,
    y: smoothing ? smooth(Array.from(y), smoothing) : y,
  });

  return { shape };
})();
