// Draws the board's figure from the JSON beside it, in the colours of tokens.css. The table beneath holds the same numbers.
"use strict";

(function () {
  const holder = document.querySelector("[data-figure]");
  if (!holder || !window.echarts) return;
  const data = JSON.parse(document.getElementById(holder.dataset.figure).textContent);
  const shapes = ["circle", "rect", "triangle", "diamond", "emptyCircle", "emptyRect", "emptyTriangle", "emptyDiamond"];
  // numbers stand to scale, words side by side
  const places = data.positions;
  let chart = null;

  const token = window.assayChart.token;

  function shorten(one) {
    const name = one.name.length > 30 ? one.name.slice(0, 29) + "…" : one.name;
    return name + (one.own ? " (you)" : "");
  }

  function draw() {
    const narrow = holder.clientWidth < 560;
    const colours = token("--series").split(" ");
    const text = token("--text");
    const muted = token("--muted");
    const border = token("--border");
    const font = getComputedStyle(document.body).fontFamily;
    // the first colour is too near to the reader's own
    let plain = data.series.some((one) => one.own) ? 1 : 0;
    const series = data.series.map((one, index) => {
      const colour = one.own ? token("--link") : one.baseline ? token("--baseline") : colours[plain++ % colours.length];
      const label = (one.baseline ? "◆ " : "") + one.name + (one.own ? " (you)" : "");
      return {
        name: label,
        type: "line",
        data: one.values.map((value, at) => { const y = value === null ? "-" : value; return places ? [places[at], y] : y; }),
        connectNulls: false,
        symbol: shapes[index % shapes.length],
        symbolSize: 8,
        color: colour,
        lineStyle: { width: one.own ? 3 : 1.75, type: one.baseline ? "dashed" : "solid" },
        itemStyle: { color: colour },
        emphasis: { focus: "series" },
        endLabel: { show: !narrow, formatter: () => `{key|${one.baseline ? "◆" : "●"}} ${shorten(one)}`, color: text, rich: { key: { color: colour, fontSize: 13 } }, fontSize: 13, distance: 8 },
      };
    });
    if (chart) chart.dispose();
    chart = window.echarts.init(holder, null, { renderer: "svg" });
    chart.setOption({
      animation: false,
      textStyle: { fontFamily: font, color: text, fontSize: 13 },
      grid: { left: 56, right: narrow ? 16 : 260, top: 32, bottom: narrow ? 28 + 22 * Math.ceil(series.length / 2) + 24 : 44 },
      legend: narrow ? { bottom: 0, left: 0, itemWidth: 22, textStyle: { color: text, fontSize: 13 } } : undefined,
      tooltip: {
        trigger: "axis",
        backgroundColor: token("--ground"),
        borderColor: border,
        textStyle: { color: text, fontSize: 13 },
        extraCssText: "box-shadow: none; border-radius: 4px;",
        valueFormatter: (value) => (typeof value === "number" ? value.toFixed(data.digits) : "–"),
      },
      xAxis: {
        ...(places ? scale() : { type: "category", data: data.labels, boundaryGap: data.labels.length < 3 }),
        name: data.x, nameLocation: "middle", nameGap: 26,
        nameTextStyle: { color: muted }, axisLabel: { color: text, ...(places ? ticks() : {}) },
        axisLine: { onZero: false, lineStyle: { color: muted } }, axisTick: { show: false }, splitLine: { show: false },
      },
      yAxis: {
        type: "value", scale: true, name: data.y, nameTextStyle: { color: muted, align: "left", padding: [0, 0, 0, -44] },
        axisLabel: { color: text }, splitLine: { lineStyle: { color: border } },
      },
      series,
    });
    if (!narrow) spreadLabels(series);
  }

  function scale() {
    const first = places[0], last = places[places.length - 1], edge = (last - first) / 20;
    return { type: "value", min: first - edge, max: last };
  }

  function ticks() {
    return { customValues: places, formatter: (at) => data.labels[places.indexOf(at)] ?? "" };
  }

  // names at the end of their lines, moved apart where two lines end together
  function spreadLabels(series) {
    const ends = series
      .map((one, index) => ({ index, value: [one.data[one.data.length - 1]].flat().pop() }))
      .filter((one) => typeof one.value === "number")
      .map((one) => ({ ...one, y: chart.convertToPixel({ yAxisIndex: 0 }, one.value) }));
    window.assayChart.apart(ends, 17, holder.clientHeight - 20);
    const update = series.map(() => ({}));
    for (const one of ends) update[one.index] = { endLabel: { offset: [0, one.at - one.y] } };
    chart.setOption({ series: update });
  }

  window.assayChart.keepDrawn(holder, draw);
})();
