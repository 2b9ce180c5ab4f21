// Fetches a board's charts once the reader comes near them, and draws every one from the JSON that comes with its table.
"use strict";

(function () {
  const place = document.querySelector("[data-charts]");
  if (!place || !window.echarts) return;

  function drawAll(section) {
    const data = JSON.parse(section.querySelector("#charts-data").textContent);
    const own = new Set(section.dataset.own.split(" "));
    for (const part of Object.values(data).filter((one) => one && one.rows)) {
      part.rows = part.rows.map((row) => ({ ...row, own: own.has(row.method.submission) }));
    }
    for (const holder of section.querySelectorAll("[data-chart]")) {
      const kind = holder.dataset.chart;
      window.assayChart.keepDrawn(holder, () => window.assayChart.kinds[kind](holder, data[kind]));
    }
    // without the charts the tables are what there is to see
    for (const numbers of section.querySelectorAll("details.numbers")) numbers.open = false;
  }

  async function load() {
    let answer;
    try {
      answer = await fetch(place.dataset.charts, { headers: { Accept: "text/html" }, credentials: "same-origin" });
    } catch { return; }
    // the link to the page stays where it cannot be had
    if (!answer.ok) return;
    const section = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("charts");
    if (!section) return;
    place.dataset.own = section.dataset.own;
    place.replaceChildren(...section.childNodes);
    drawAll(place);
    if (location.hash === "#charts") place.scrollIntoView();
  }

  if (!place.dataset.charts) { drawAll(place); return; }
  const near = new IntersectionObserver((seen) => {
    if (!seen.some((one) => one.isIntersecting)) return;
    near.disconnect();
    load();
  }, { rootMargin: "800px" });
  near.observe(place);
})();
