// One metric case by case: a box a method over its dots, or over grey steps where single cases are many or not shown.
"use strict";

window.assayChart.kinds.distribution = function (holder, data) {
  const kit = window.assayChart;
  const look = kit.look(holder);
  const rows = data.rows;
  const step = 34, edges = data.edges;
  // the shape of each method: its own fullest bin is as high as its row
  const fullest = rows.map((row) => Math.max(1, ...row.counts));
  const points = rows.flatMap((row, at) => (row.points || []).map((one) => ({ ...one, at, row })));
  const number = (value) => value.toFixed(data.digits);
  holder.style.height = `${66 + step * rows.length}px`;
  kit.start(holder, look, {
    // thousands of dots are too many nodes of a document
    renderer: points.length > 1500 ? "canvas" : "svg",
    grid: { left: kit.margin(look), right: 20, top: 8, bottom: 48 },
    tooltip: {
      formatter: (at) => {
        if (at.seriesName === "cases") return `${kit.encode(kit.name(points[at.dataIndex].row))}<br>case ${points[at.dataIndex].case}: ${number(points[at.dataIndex].value)}`;
        const row = rows[at.value[0]];
        return `${kit.encode(kit.name(row))}<br>median ${number(row.quantiles[2])}, half of the cases from ${number(row.quantiles[1])} to ${number(row.quantiles[3])}`;
      },
    },
    xAxis: {
      type: "value", scale: true, min: edges[0], max: edges[edges.length - 1], name: title(), nameLocation: "middle", nameGap: 28,
      nameTextStyle: { color: look.muted }, splitLine: { lineStyle: { color: look.border } },
      axisLabel: { color: look.text, hideOverlap: true, showMinLabel: false, showMaxLabel: false },
    },
    yAxis: kit.methodAxis(rows, look),
    series: [
      kit.ownRows(rows, look),
      {
        type: "custom", name: "steps", silent: true, z: 1, clip: true, encode: { x: [1, 2], y: 0 },
        data: rows.flatMap((row, at) => (row.points ? [] : row.counts.map((count, bin) => [at, edges[bin], edges[bin + 1], count]))),
        renderItem: (params, api) => {
          const [from, y] = api.coord([api.value(1), api.value(0)]), [to] = api.coord([api.value(2), api.value(0)]);
          const height = (step - 8) * api.value(3) / fullest[api.value(0)];
          return { type: "rect", shape: { x: from, y: y - height / 2, width: Math.max(1, to - from - 0.5), height }, style: { fill: kit.colour(rows[api.value(0)], look), opacity: 0.4 } };
        },
      },
      {
        type: "custom", name: "cases", z: 1, encode: { x: 0, y: 1 }, data: points.map((one) => [one.value, one.at]),
        renderItem: (params, api) => {
          const one = points[params.dataIndex];
          const [x, y] = api.coord([one.value, one.at]);
          const style = { fill: kit.colour(one.row, look), opacity: 0.45 };
          // the same dot stands at the same height for every method
          return { type: "circle", shape: { cx: x, cy: y + (spread(one.case) - 0.5) * (step - 12), r: 2.5 }, style };
        },
      },
      {
        type: "custom", name: "boxes", z: 3, encode: { x: [1, 2, 3, 4, 5], y: 0 },
        data: rows.flatMap((row, at) => (row.quantiles.length ? [[at, ...row.quantiles]] : [])),
        renderItem: (params, api) => {
          const at = api.value(0), x = [1, 2, 3, 4, 5].map((which) => api.coord([api.value(which), at])[0]);
          const y = api.coord([0, at])[1], half = 8;
          const line = (x1, y1, x2, y2, width) => ({ type: "line", shape: { x1, y1, x2, y2 }, style: { stroke: look.text, lineWidth: width } });
          return { type: "group", children: [
            line(x[0], y, x[1], y, 1.5), line(x[3], y, x[4], y, 1.5), line(x[2], y - half, x[2], y + half, 3),
            { type: "rect", shape: { x: x[1], y: y - half, width: Math.max(1, x[3] - x[1]), height: 2 * half }, style: { fill: "transparent", stroke: look.text, lineWidth: rows[at].own ? 2.5 : 1.5 } },
          ] };
        },
      },
    ],
  });

  function title() {
    return `${data.title} ${data.better === "higher" ? "↑" : "↓"}` + (["", "1"].includes(data.unit) ? "" : ` (${data.unit})`);
  }

  // 0 to 1, even over the cases and without chance: the golden ratio's multiples
  function spread(number) {
    return (number * 0.6180339887498949) % 1;
  }
};
