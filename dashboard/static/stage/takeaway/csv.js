// Numbers of the stage as CSV: byte for byte what `python -m core` prints of the same runs.

import { unpacked } from "../shared/arrays.js";
import { repr } from "./python_float.js";

/** A record's columns behind its epoch; see `core/training/history.py`. */
const RECORD = ["b", "w", "loss", "val_loss", "b_grad", "w_grad"];

/** The columns of a sweep; see `core/command_line/swept.py`. */
const SWEPT = ["value", "epoch", "b", "w", "loss", "val_loss", "reason"];

/**
 * The records that are here, all of the first run before those of the next; several are numbered.
 * @param {import("../charts/columns.js").Columns[]} runs
 */
export function recordsCsv(runs) {
  const several = runs.length > 1;
  const lines = [[...(several ? ["run"] : []), "epoch", ...RECORD].join()];
  runs.forEach((columns, run) => {
    const values = RECORD.map((name) => columns.column(name)?.values);
    for (let k = 0; k < columns.count; k += 1) {
      lines.push([...(several ? [run] : []), k, ...values.map((column) => repr(column[k]))].join());
    }
  });
  return ended(lines);
}

/**
 * The last record of every run of a sweep.
 * @param {{values: number[], whole: boolean, ends: number[], reasons: string[],
 *   last: Record<string, {dtype: string, bdata: string}>}} sweep as it is told, see `dashboard/stage/sweep.py`
 */
export function sweepCsv({ values, whole, ends, reasons, last }) {
  const told = SWEPT.slice(2, -1).map((name) => unpacked(last[name]));
  const rows = values.map((value, i) => [whole ? value : repr(value), ends[i], ...told.map((column) => repr(column[i])), reasons[i]]);
  return ended([SWEPT.join(), ...rows.map((row) => row.join())]);
}

function ended(lines) {
  return `${lines.join("\n")}\n`;
}
