// What every chart does: it reads its colours from tokens.css, and is drawn again for another width or other colours.
"use strict";

window.assayChart = {
  //: name -> function that draws into a holder; the files beside this one put themselves here
  kinds: {},

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

  // colours and sizes of now
  look(holder) {
    const token = this.token;
    return {
      narrow: holder.clientWidth < 560,
      text: token("--text"), muted: token("--muted"), border: token("--border"), ground: token("--ground"),
      link: token("--link"), baseline: token("--baseline"), tint: token("--own-tint"),
      font: getComputedStyle(document.body).fontFamily,
    };
  },

  // a fresh chart in the holder, with what all have in common
  start(holder, look, { renderer = "svg", ...options }) {
    const old = window.echarts.getInstanceByDom(holder);
    if (old) old.dispose();
    const chart = window.echarts.init(holder, null, { renderer });
    chart.setOption({
      animation: false,
      textStyle: { fontFamily: look.font, color: look.text, fontSize: 13 },
      ...options,
      tooltip: {
        backgroundColor: look.ground, borderColor: look.border, textStyle: { color: look.text, fontSize: 13 },
        extraCssText: "box-shadow: none; border-radius: 4px; white-space: normal; max-width: 320px;", confine: true,
        ...options.tooltip,
      },
    });
    return chart;
  },

  // what a formatter gives is taken as HTML, and a name is its team's
  encode(text) {
    return window.echarts.format.encodeHTML(String(text));
  },

  colour(one, look) {
    return one.own ? look.link : one.method.baseline ? look.baseline : look.muted;
  },

  // a method's name marked as on the board; the marks stay where the name has no room
  name(one, most = 200) {
    const before = one.method.baseline ? "◆ " : "", after = one.own ? " (you)" : "";
    const room = most - before.length - after.length, name = one.method.method;
    return before + (name.length > room ? name.slice(0, room - 1) + "…" : name) + after;
  },

  // methods one below the other, the first on top
  methodAxis(rows, look) {
    return {
      type: "category", inverse: true, data: rows.map((row) => this.name(row, look.narrow ? 15 : 33)), axisTick: { show: false },
      axisLine: { show: false }, splitLine: { show: false },
      axisLabel: { color: look.text, width: this.margin(look) - 14, overflow: "truncate", interval: 0 },
    };
  },

  // a series beneath the others: own rows on their tint, as in tables
  ownRows(rows, look) {
    return {
      type: "custom", silent: true, z: 0, data: rows.flatMap((row, at) => (row.own ? [[at]] : [])), encode: { y: 0 },
      renderItem: (params, api) => {
        const [, height] = api.size([0, 1]), middle = api.coord([0, api.value(0)])[1];
        const { x, width } = params.coordSys;
        return { type: "rect", shape: { x, y: middle - height / 2, width, height }, style: { fill: look.tint } };
      },
    };
  },

  margin(look) {
    return look.narrow ? 138 : 240;
  },

  // labels moved apart, from top to bottom: [{ y }] in pixels each gets `at`, no two nearer than `gap`, none below `floor`
  apart(labels, gap, floor) {
    labels.sort((a, b) => a.y - b.y || a.index - b.index);
    let free = -Infinity;
    for (const one of labels) {
      one.at = Math.max(one.y, free);
      free = one.at + gap;
    }
    // what was pushed below the axis climbs back
    for (const one of [...labels].reverse()) {
      one.at = Math.min(one.at, floor);
      floor = one.at - gap;
    }
    return labels;
  },
};
