// Several runs in one chart: the figure of the run in front, with those traces of the others that keep it company.
//
// Which traces those are says `meta.company`, see `dashboard/stage/figures/meta.py`.

import { converted, sameUnits } from "./units.js";

const THIN = 0.62; // the others' lines beside the one in front

/**
 * @typedef {{figure: object, colour: string, label: string, alike: boolean, units: import("./units.js").Units}} Member
 *   a run's figure, its colour and its name, whether its loss has the same surface as that of the run in front, and how
 *   its data were scaled
 */

/**
 * @param {Member[]} members by run
 * @param {number} front
 * @param {{title: string, end: number}} along what the axis of epochs counts, and how far
 */
export function compose(members, front, along) {
  const mine = members[front].figure;
  const figure = { ...mine, layout: { ...mine.layout }, data: mine.data.map((trace) => dressed(trace, front, members[front])) };
  const others = members.flatMap((member, run) =>
    run === front
      ? []
      : member.figure.data
          .filter(({ meta }) => meta?.company === "all" || (meta?.company === "elsewhere" && !member.alike))
          .map((trace) => dressed(inUnits(trace, members[front], member), run, member, true)),
  );
  // Behind the first trace that all have: what is drawn below it lies below all.
  const place = figure.data.findIndex(({ meta }) => meta?.company === "all");
  if (place >= 0) figure.data.splice(place, 0, ...others);
  widen(figure, members, along, (member) => sameUnits(member.units, members[front].units));
  return figure;
}

/** The axes that count b, w or the points' own x: what is drawn there has the units of the run in front. */
const IN_UNITS = { b: "front_b", w: "front_w" };

/** A trace of a run whose data were scaled in another way, in the chart of the run in front. */
function inUnits(trace, front, member) {
  if (sameUnits(front.units, member.units)) return trace;
  const meta = { ...trace.meta };
  for (const key of ["x", "y", "intercept", "slope"]) if (meta[key] in IN_UNITS) meta[key] = IN_UNITS[meta[key]];
  const made = { ...trace, meta };
  // A line goes from end to end of the picture that it is in.
  if (meta.follow === "affine") made.x = front.figure.layout.xaxis.range;
  // A place on the surface.
  if (!meta.follow && trace.marker) {
    const [b, w] = converted(member.units, front.units, trace.x[0], trace.y[0]);
    Object.assign(made, { x: [b], y: [w] });
  }
  return made;
}

function dressed(trace, run, { colour, label, alike }, thin = false) {
  const { meta } = trace;
  const made = { ...trace, run, guest: thin };
  if (!meta?.company || (meta.company === "elsewhere" && !thin)) return made;
  if (trace.line) {
    made.line = { ...trace.line, color: colour };
    if (thin) made.line.width = trace.line.width * THIN;
    if (meta.company_dash) made.line.dash = meta.company_dash;
    // A path on another surface than the one that is shown.
    else if (thin && !alike && meta.follow === "history" && meta.x !== "epoch") made.line.dash = "dash";
  }
  if (trace.marker) {
    made.marker = { ...trace.marker, color: colour };
    if (thin) made.marker.size = trace.marker.size * 0.75;
  }
  if (meta.follow === "history" && meta.label) made.label = label;
  if (thin) made.showlegend = false;
  return made;
}

/** The axes hold what every run's own figure would hold, so that they stand still whichever is in front. */
function widen(figure, members, { title, end }, alike) {
  const { layout } = figure;
  // What counts the losses does so in the units of the data, which all have in common.
  const layouts = members.filter((member) => layout.meta?.scales || alike(member)).map((member) => member.figure.layout);
  for (const axis of ["xaxis", "yaxis"]) layout[axis] = { ...layout[axis], range: union(layouts.map((one) => one[axis].range)) };
  const scales = layouts.map(({ meta }) => meta?.scales).filter(Boolean);
  if (scales.length) {
    layout.meta = {
      ...layout.meta,
      scales: { linear: union(scales.map(({ linear }) => linear)), log: union(scales.map(({ log }) => log)) },
    };
    layout.yaxis.range = [...layout.meta.scales[layout.yaxis.type ?? "linear"]];
  }
  if (layout.meta?.along !== "epochs") return;
  layout.xaxis.range = [-0.015 * end, 1.02 * end];
  layout.xaxis.title = { ...layout.xaxis.title, text: title };
  const told = (trace) => trace.hovertemplate?.replace("epoch %{x:,}", `${title} %{x:,.6~g}`);
  if (title !== "epoch") figure.data = figure.data.map((trace) => ({ ...trace, hovertemplate: told(trace) }));
  // What marks a height does so over the whole axis.
  figure.data = figure.data.map((trace) => (trace.meta?.follow ? trace : { ...trace, x: [0, end] }));
}

/** @param {[number, number][]} ranges */
function union(ranges) {
  return [Math.min(...ranges.map(([low]) => low)), Math.max(...ranges.map(([, high]) => high))];
}
