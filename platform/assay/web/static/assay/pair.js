// Draws the differences of two methods with their intervals, from the JSON beside it. The table beneath holds the same numbers.
"use strict";

(function () {
  const holder = document.querySelector("[data-pair]");
  if (!holder || !window.echarts) return;
  const data = JSON.parse(document.getElementById(holder.dataset.pair).textContent);
  // the first row stands on top
  const rows = data.rows.slice().reverse();
  let chart = null;

  const token = window.assayChart.token;

  function number(value) {
    return (value > 0 ? "+" : "") + value.toFixed(data.digits).replace("-", "−");
  }

  // lines of whole words that are as wide as `room` px at most; a name of an axis is not broken by the library
  function wrap(text, room, font) {
    const pen = document.createElement("canvas").getContext("2d");
    pen.font = "13px " + font;
    const lines = [];
    for (const word of text.split(" ")) {
      const longer = lines.length ? lines[lines.length - 1] + " " + word : word;
      if (lines.length && pen.measureText(longer).width <= room) lines[lines.length - 1] = longer;
      else lines.push(word);
    }
    return lines;
  }

  function draw() {
    const narrow = holder.clientWidth < 560;
    const text = token("--text"), muted = token("--muted"), link = token("--link");
    const wide = rows.flatMap((row) => [row.mean, row.low, row.high, 0]).filter((value) => typeof value === "number");
    const margin = (Math.max(...wide) - Math.min(...wide)) / 20 || 1;
    const left = narrow ? 120 : 200, right = 24, font = getComputedStyle(document.body).fontFamily;
    // the title stands in the middle of the axis, in as many lines as that is narrow
    const title = wrap(data.x, holder.clientWidth - left + right - 16, font);
    holder.style.height = 74 + 16 * title.length + 30 * rows.length + "px";
    if (chart) chart.dispose();
    chart = window.echarts.init(holder, null, { renderer: "svg" });
    chart.setOption({
      animation: false,
      textStyle: { fontFamily: font, color: text, fontSize: 13 },
      grid: { left, right, top: 12, bottom: 36 + 16 * title.length },
      tooltip: {
        backgroundColor: token("--ground"), borderColor: token("--border"), textStyle: { color: text, fontSize: 13 },
        extraCssText: "box-shadow: none; border-radius: 4px;",
        formatter: (at) => {
          const row = rows[at.dataIndex];
          // what a formatter gives is taken as HTML, and a title is the organiser's
          return window.echarts.format.encodeHTML(row.title) + ": " + number(row.mean) + (row.low === null ? "" : ", " + number(row.low) + " to " + number(row.high));
        },
      },
      xAxis: {
        type: "value", min: Math.min(...wide) - margin, max: Math.max(...wide) + margin,
        name: title.join("\n"), nameLocation: "middle", nameGap: 28, nameTextStyle: { color: muted, lineHeight: 16, align: "center", verticalAlign: "top" },
        axisLabel: { color: text, hideOverlap: true, showMinLabel: false, showMaxLabel: false, formatter: (value) => number(value) }, splitLine: { lineStyle: { color: token("--border") } },
      },
      yAxis: {
        type: "category", data: rows.map((row) => row.title), axisTick: { show: false }, axisLine: { show: false },
        axisLabel: { color: text, width: narrow ? 110 : 190, overflow: "truncate" },
      },
      series: [
        {
          type: "custom", silent: true, z: 1,
          data: rows.map((row, at) => [row.low, row.high, at]),
          renderItem: (params, api) => {
            if (rows[params.dataIndex].low === null) return null;
            const from = api.coord([api.value(0), api.value(2)]), to = api.coord([api.value(1), api.value(2)]);
            const style = { stroke: link, lineWidth: 2, fill: null };
            const line = (x1, y1, x2, y2) => ({ type: "line", shape: { x1, y1, x2, y2 }, style });
            return { type: "group", children: [
              line(from[0], from[1], to[0], to[1]), line(from[0], from[1] - 5, from[0], from[1] + 5), line(to[0], to[1] - 5, to[0], to[1] + 5),
            ] };
          },
          encode: { x: [0, 1], y: 2 },
        },
        {
          type: "scatter", symbolSize: 9, itemStyle: { color: link }, data: rows.map((row, at) => [row.mean, at]),
          markLine: { silent: true, symbol: "none", label: { show: false }, lineStyle: { color: muted, type: "solid", width: 1 }, data: [{ xAxis: 0 }] },
        },
      ],
    });
  }

  window.assayChart.keepDrawn(holder, draw);
})();
