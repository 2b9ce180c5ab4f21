// What every chart does: it reads its colours from tokens.css, and is drawn again for another width or other colours.
"use strict";

window.assayChart = {
  token(name) {
    return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  },

  keepDrawn(holder, draw) {
    draw();
    let width = holder.clientWidth;
    new ResizeObserver(() => {
      if (holder.clientWidth !== width) { width = holder.clientWidth; draw(); }
    }).observe(holder);
    new MutationObserver(draw).observe(document.documentElement, { attributes: true, attributeFilter: ["data-bs-theme"] });
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
  },
};
