// Rank stability: for each method a disc a rank, its area the share of the draws; the range as a line, the median as a stroke.
"use strict";

window.assayChart.kinds.stability = function (holder, data) {
  const kit = window.assayChart;
  const look = kit.look(holder);
  const rows = data.rows;
  const step = 30, widest = 24;
  const last = Math.max(...rows.flatMap((row) => row.shares.map((one) => one.rank)));
  const first = Math.min(...rows.flatMap((row) => row.shares.map((one) => one.rank)));
  holder.style.height = `${66 + step * rows.length}px`;
  kit.start(holder, look, {
    grid: { left: kit.margin(look), right: 20, top: 8, bottom: 48 },
    tooltip: {
      formatter: (at) => {
        const row = rows[at.value[1]];
        return `${kit.encode(kit.name(row))}<br>rank ${at.value[0]}: ${(100 * at.value[2]).toFixed(1)} % of the resamples`;
      },
    },
    xAxis: {
      type: "value", min: first - 0.6, max: last + 0.6, name: "Rank", nameLocation: "middle", nameGap: 28,
      nameTextStyle: { color: look.muted }, splitLine: { lineStyle: { color: look.border } }, axisLine: { show: false },
      axisLabel: { color: look.text, customValues: ticks(first, last, look.narrow ? 6 : 15) },
      axisTick: { show: false, customValues: ticks(first, last, look.narrow ? 6 : 15) },
    },
    yAxis: kit.methodAxis(rows, look),
    series: [
      kit.ownRows(rows, look),
      {
        type: "scatter",
        data: rows.flatMap((row, at) => row.shares.map((one) => ({
          value: [one.rank, at, one.share],
          symbol: row.method.baseline ? "diamond" : "circle",
          itemStyle: { color: kit.colour(row, look), opacity: 0.75 },
        }))),
        symbolSize: (value) => Math.max(3, widest * Math.sqrt(value[2])),
      },
      {
        type: "custom", silent: true, z: 3, data: rows.map((row, at) => [row.low, row.high, row.median, at]), encode: { x: [0, 1], y: 3 },
        renderItem: (params, api) => {
          const point = (which) => api.coord([api.value(which), api.value(3)]);
          const [from, y] = point(0), [to] = point(1), [middle] = point(2);
          const style = { stroke: look.text, lineWidth: 1.5 };
          const line = (x1, y1, x2, y2, width) => ({ type: "line", shape: { x1, y1, x2, y2 }, style: { ...style, lineWidth: width } });
          return { type: "group", children: [line(from, y, to, y, 1.5), line(middle, y - 7, middle, y + 7, 3)] };
        },
      },
    ],
  });

  // whole ranks, at most `most` of them
  function ticks(from, to, most) {
    const every = Math.max(1, Math.ceil((to - from + 1) / most));
    const found = [];
    for (let rank = Math.ceil(from); rank <= to; rank += every) found.push(rank);
    return found;
  }
};
