// What a chart shows in its area, as SVG: what plotly draws, and over it what the stage paints.

import { moves } from "../charts/rules.js";
import { svgElement } from "../shared/svg.js";
import { recolour } from "../shared/theme.js";
import { SvgContext } from "./svg_context.js";

/**
 * The chart as it stands at this moment; what plotly does takes a while longer.
 * @param {import("../charts/chart.js").Chart} chart @param {boolean} dark whether for a dark ground
 * @returns {{group: SVGElement, ready: Promise<void>}} from the area's corner, in its pixels
 */
export function chartPicture(chart, dark) {
  const group = svgElement("g", { "data-chart": chart.panel.dataset.chart });
  if (!chart.drawn) return { group, ready: Promise.resolve() };
  const left = parseFloat(chart.canvas.style.left);
  const top = parseFloat(chart.canvas.style.top);
  const { width, height } = chart.inner;
  const clip = svgElement("clipPath", { id: `area-of-${chart.panel.dataset.chart}` });
  clip.append(svgElement("rect", { width, height }));
  const painted = svgElement("g", { transform: `translate(${left} ${top})`, "clip-path": `url(#${clip.id})` });
  const [context, dress] = [new SvgContext(painted), chart.dressed(dark)];
  chart.paintStill(context, dress);
  chart.paintMoving(context, dress);
  group.append(clip, painted);
  return { group, ready: drawnByPlotly(chart, dark).then((still) => group.prepend(...still)) };
}

/** What stands still in it: of a landscape nothing. @returns {Promise<Node[]>} */
async function drawnByPlotly({ plot, palette, dark: shown }, dark) {
  if (!plot.layout) return [];
  const [from, to] = [shown, dark].map((isDark) => (isDark ? palette.dark : palette.light));
  // A copy as well: the axes may move on while plotly draws.
  const { data, layout } = recolour({ data: plot.data.filter((trace) => !moves(trace)), layout: plot.layout }, from, to);
  return [...(await plotlyPicture({ data, layout })).childNodes];
}

/** What plotly draws of a figure. @returns {Promise<SVGSVGElement>} */
export async function plotlyPicture({ data, layout }) {
  const { width, height } = layout;
  const text = await Plotly.toImage({ data, layout }, { format: "svg", width, height, imageDataOnly: true });
  return /** @type {any} */ (new DOMParser().parseFromString(text, "image/svg+xml").documentElement);
}
