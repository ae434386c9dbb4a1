"use strict";
// A side is hidden and shown again by its entries of the legends.
(() => {
  const shown = [];
  const isHidden = (name) =>
    document.querySelector(`.legend [data-group="${CSS.escape(name)}"]`)?.ariaPressed === "false";

  function draw(models) {
    for (const model of models) {
      if (model.glyph && model.name) model.visible = !isHidden(model.name);
    }
  }

  async function embed(place) {
    const { models } = await Canvas.embed(place);
    shown.push(models);
    draw(models);
  }

  function press({ ariaPressed, dataset }) {
    const visible = ariaPressed === "false";
    for (const entry of document.querySelectorAll(".legend [aria-pressed]")) {
      if (entry.dataset.group === dataset.group) entry.ariaPressed = String(visible);
    }
    shown.forEach(draw);
  }

  for (const place of document.querySelectorAll(".plot")) embed(place);
  for (const entry of document.querySelectorAll(".legend button")) {
    entry.addEventListener("click", () => press(entry));
  }
})();
