// A metric's mean against what a method takes: seconds a case, or memory at its peak. Names stand at the right, each with a line.
"use strict";

window.assayChart.kinds.tradeoff = function (holder, data) {
  const kit = window.assayChart;
  const look = kit.look(holder);
  const memory = holder.dataset.against === "peak_memory";
  const rows = data.rows.filter((row) => row[holder.dataset.against] !== null);
  const x = (row) => (memory ? row.peak_memory / 2 ** 30 : row.seconds_a_case);
  const places = rows.map(x), scores = rows.map((row) => row.score);
  const most = Math.max(...places), least = Math.min(...places);
  // a method that takes a hundred times as long must not press the others together
  const wide = least > 0 && most > 20 * least;
  const side = look.narrow ? 140 : 230;
  const pad = (Math.max(...scores) - Math.min(...scores)) / 12 || 0.05;
  const unit = ["", "1"].includes(data.unit) ? "" : ` (${data.unit})`;
  const chart = kit.start(holder, look, {
    grid: { left: 56, right: side, top: 32, bottom: 48 },
    tooltip: {
      formatter: (at) => `${kit.encode(kit.name(rows[at.dataIndex]))}<br>${kit.encode(data.title)} ${rows[at.dataIndex].score.toFixed(data.digits)}, ${at.value[0].toPrecision(3)} ${memory ? "GiB" : "s a case"}`,
    },
    xAxis: {
      ...(wide ? { type: "log", min: least / 1.5, max: most * 1.5 } : { type: "value", min: 0, max: most * 1.08 || 1 }),
      name: (memory ? "GiB at the peak" : "s a case") + (wide ? ", log scale" : ""), nameLocation: "middle", nameGap: 28, nameTextStyle: { color: look.muted },
      axisLabel: { color: look.text, hideOverlap: true, showMinLabel: !wide, showMaxLabel: false, formatter: (value) => String(+value.toPrecision(2)) },
      splitLine: { lineStyle: { color: look.border } }, axisLine: { onZero: false, lineStyle: { color: look.muted } },
    },
    yAxis: {
      type: "value", min: Math.min(...scores) - pad, max: Math.max(...scores) + pad, name: `${data.title} ${data.better === "higher" ? "↑" : "↓"}${unit}`,
      nameTextStyle: { color: look.muted, align: "left", padding: [0, 0, 0, -44] },
      axisLabel: { color: look.text, showMinLabel: false, showMaxLabel: false }, splitLine: { lineStyle: { color: look.border } },
    },
    series: [{
      type: "scatter", z: 3,
      data: rows.map((row) => ({
        value: [x(row), row.score], symbol: row.method.baseline ? "diamond" : "circle", symbolSize: row.own ? 14 : 11,
        itemStyle: { color: kit.colour(row, look), borderColor: look.ground, borderWidth: 1 },
      })),
    }],
  });

  // as many names as there is room for: own methods and baselines, then the first of the board
  const room = Math.floor((holder.clientHeight - 60) / 17);
  const first = rows.map((row, index) => ({ row, index })).sort((a, b) => must(b.row) - must(a.row) || a.index - b.index).slice(0, room);
  const labels = first.map(({ row, index }) => {
    const [from, y] = chart.convertToPixel({ seriesIndex: 0 }, [x(row), row.score]);
    return { row, index, from, y };
  });
  const edge = holder.clientWidth - side + 14;
  chart.setOption({ graphic: kit.apart(labels, 17, holder.clientHeight - 56).flatMap((one) => [
    { type: "line", silent: true, shape: { x1: one.from + 8, y1: one.y, x2: edge - 4, y2: one.at }, style: { stroke: look.border, lineWidth: 1 } },
    { type: "text", silent: true, x: edge, y: one.at, style: { text: kit.name(one.row, look.narrow ? 16 : 29), fill: look.text, font: `13px ${look.font}`, textVerticalAlign: "middle" } },
  ]) });

  function must(row) {
    return Number(row.own || row.method.baseline);
  }
};
