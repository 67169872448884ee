// Draws the chart of a <figure data-chart> from the table inside it: the table is the truth, and what
// people who cannot see the picture read. Canvas and rich-text tooltips, because the policy forbids
// inline styles.
import { BarChart, LineChart } from "echarts/charts";
import { GridComponent, LegendComponent, TooltipComponent } from "echarts/components";
import { init, use, type ECharts } from "echarts/core";
import { CanvasRenderer } from "echarts/renderers";

use([BarChart, LineChart, GridComponent, LegendComponent, TooltipComponent, CanvasRenderer]);

/** Below this width, in pixels, the legend takes two lines. */
const NARROW = 480;

interface Series {
  name: string;
  kind: "bar" | "line";
  color: string;
  values: number[];
}

/** What a custom property comes to as a colour here and now: it may say one thing for light, one for dark. */
function color(name: string): string {
  const probe = document.createElement("span");
  probe.style.color = `var(${name})`;
  document.body.append(probe);
  const found = getComputedStyle(probe).color;
  probe.remove();
  return found;
}

function read(table: HTMLTableElement): { labels: string[]; series: Series[] } {
  const heads = [...table.querySelectorAll<HTMLElement>("thead th[data-color]")];
  const rows = [...table.querySelectorAll<HTMLTableRowElement>("tbody tr")];
  return {
    labels: rows.map((row) => row.cells[0]?.textContent?.trim() ?? ""),
    series: heads.map((head, column) => ({
      name: head.textContent?.trim() ?? "",
      kind: head.dataset.kind === "line" ? "line" : "bar",
      color: color(head.dataset.color ?? ""),
      values: rows.map((row) => Number(row.cells[column + 1]?.dataset.value ?? 0)),
    })),
  };
}

function draw(chart: ECharts, table: HTMLTableElement): void {
  const [text, line, surface, ink] = ["--gw-muted", "--gw-line", "--gw-surface", "--gw-ink"].map(color);
  const font = getComputedStyle(document.body).fontFamily;
  const number = new Intl.NumberFormat(document.documentElement.lang);
  const { labels, series } = read(table);
  chart.setOption(
    {
      animation: !matchMedia("(prefers-reduced-motion: reduce)").matches,
      animationDuration: 300,
      textStyle: { fontFamily: font },
      grid: { left: 8, right: 20, top: chart.getWidth() < NARROW ? 64 : 40, bottom: 4, containLabel: true },
      legend: { left: 0, top: 0, itemWidth: 12, itemHeight: 12, icon: "roundRect", textStyle: { color: text } },
      tooltip: {
        trigger: "axis",
        renderMode: "richText",
        backgroundColor: surface,
        borderColor: line,
        textStyle: { color: ink, fontSize: 13 },
        valueFormatter: (value: unknown) => number.format(Number(value)),
      },
      xAxis: {
        type: "category",
        data: labels,
        axisLine: { lineStyle: { color: line } },
        axisTick: { show: false },
        axisLabel: { color: text, hideOverlap: true },
      },
      yAxis: {
        type: "value",
        minInterval: 1,
        splitLine: { lineStyle: { color: line } },
        axisLabel: { color: text, formatter: (value: number) => number.format(value) },
      },
      series: series.map(({ name, kind, color, values }) => ({
        name,
        type: kind,
        data: values,
        color,
        barMaxWidth: 26,
        barGap: "15%",
        smooth: 0.25,
        symbolSize: 7,
        lineStyle: { width: 2.5 },
        itemStyle: kind === "bar" ? { borderRadius: [3, 3, 0, 0] } : undefined,
      })),
    },
    { notMerge: true },
  );
}

for (const figure of document.querySelectorAll<HTMLElement>("figure[data-chart]")) {
  const canvas = figure.querySelector<HTMLElement>(".chart");
  const table = figure.querySelector("table");
  if (!canvas || !table) continue;
  canvas.hidden = false;
  const chart = init(canvas);
  draw(chart, table);
  canvas.dataset.drawn = "true";
  new ResizeObserver(() => {
    chart.resize();
    draw(chart, table);
  }).observe(canvas);
  document.addEventListener("goodword:theme", () => draw(chart, table));
}
