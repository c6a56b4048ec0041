// What a run would be from another start, or on other points: its first records, as charts take them.

import { gradientAt, lossAt } from "../charts/bowl.js";
import { Columns } from "../charts/columns.js";
import { defineUnits } from "../charts/units.js";

/**
 * What is known of the run that a hand changes, as `dashboard/stage/by_hand.py` has it.
 * @typedef {import("../charts/bowl.js").Landscape} Landscape
 * @typedef {import("../charts/units.js").Units} Units
 * @typedef {{training: Landscape, validation: Landscape | null, start: [number | null, number | null],
 *   moved: [number, number, number][], optimizer: string, rate: number, stretch: number | null}} Held
 */

/**
 * The first record at (b, w), and the one after it where that is known before a batch is drawn.
 * @param {Held} held @param {number} b @param {number} w
 * @param {{whole: boolean, own: Units, front: Units}} run whether an update sees all points; the units of b and w, and
 *   those of the picture
 */
export function firstRecords(held, b, w, { whole, own, front }) {
  const first = recordAt(held, b, w);
  const next = recordAt(held, b - firstStep(held, first.b_grad), w - firstStep(held, first.w_grad));
  const records = whole ? [first, next] : [first];
  const columns = new Columns();
  columns.append(Object.fromEntries(Object.keys(first).map((name) => [name, records.map((record) => record[name])])));
  defineUnits(columns, own, front);
  return columns;
}

function recordAt({ training, validation }, b, w) {
  const [b_grad, w_grad] = gradientAt(training, b, w);
  return { b, w, loss: lossAt(training, b, w), val_loss: validation ? lossAt(validation, b, w) : NaN, b_grad, w_grad };
}

/** How far the first update goes against a gradient: RMSprop and Adam divide by what they know of its size. */
function firstStep({ optimizer, rate }, gradient) {
  const sizes = { rmsprop: 10 * Math.sign(gradient), adam: Math.sign(gradient) };
  return rate * (sizes[optimizer] ?? gradient);
}
