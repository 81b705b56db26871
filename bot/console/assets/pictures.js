// Draws what data-chart describes ({kind, names, values, links}); a click opens the list behind a value.
// data-png saves a chart as a picture, data-prints prints the page. Tooltips are drawn, not written as HTML.
"use strict";

const COLOURS = ["#9a2b1f", "#0b5394", "#8a6d1f", "#17602c", "#5b3a8e", "#545c66"];
const drawn = new Map();

function optionOf(chart) {
  const text = { fontFamily: getComputedStyle(document.body).fontFamily, color: "#1c2126" };
  const common = {
    animation: !matchMedia("(prefers-reduced-motion: reduce)").matches,
    textStyle: text,
    color: COLOURS,
    aria: { enabled: true, decal: { show: chart.kind === "pie" } },
    tooltip: { trigger: chart.kind === "pie" ? "item" : "axis", renderMode: "richText", confine: true },
    backgroundColor: "#fff",
  };
  if (chart.kind === "pie") {
    const slices = chart.names.map((name, at) => ({ name, value: chart.values[at] }));
    return { ...common, series: [{ type: "pie", radius: ["35%", "65%"], data: slices, cursor: "pointer",
      label: { formatter: "{b}\n{c}", ...text }, avoidLabelOverlap: true }] };
  }
  const names = { type: "category", data: chart.names, axisLabel: { ...text, hideOverlap: true } };
  const values = { type: "value", minInterval: 1, axisLabel: text, splitLine: { lineStyle: { color: "#e3e6ea" } } };
  const series = { type: chart.kind === "line" ? "line" : "bar", data: chart.values, cursor: "pointer",
    smooth: false, symbolSize: 7, areaStyle: chart.kind === "line" ? { opacity: 0.12 } : undefined,
    label: { show: chart.kind !== "line", position: chart.kind === "bar" ? "right" : "top", ...text } };
  const grid = { left: 8, right: 36, top: 24, bottom: 8, containLabel: true };
  if (chart.kind === "bar") {
    return { ...common, grid, xAxis: values, yAxis: { ...names, inverse: true, axisLabel: { ...text, interval: 0 } }, series: [series] };
  }
  return { ...common, grid, xAxis: names, yAxis: values, series: [series] };
}

function draw(place) {
  const chart = JSON.parse(place.dataset.chart);
  const picture = echarts.init(place, null, { renderer: "canvas" });
  picture.setOption(optionOf(chart));
  picture.on("click", (event) => { if (chart.links[event.dataIndex]) location.assign(chart.links[event.dataIndex]); });
  drawn.set(place.id, picture);
}

function save(name) {
  const picture = drawn.get(`chart-${name}`);
  if (!picture) return;
  const link = document.createElement("a");
  link.href = picture.getDataURL({ type: "png", pixelRatio: 2, backgroundColor: "#fff" });
  link.download = `${document.getElementById(`chart-${name}`).dataset.title}.png`;
  link.click();
}

addEventListener("DOMContentLoaded", () => document.querySelectorAll("[data-chart]").forEach(draw));
addEventListener("resize", () => drawn.forEach((picture) => picture.resize()));
addEventListener("beforeprint", () => drawn.forEach((picture) => picture.resize()));
addEventListener("click", (event) => {
  const saves = event.target.closest("[data-png]");
  if (saves) save(saves.dataset.png);
  if (event.target.closest("[data-prints]")) print();
});
