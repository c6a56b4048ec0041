// Runs of others beside those on the stage: what a hall has tried, as places on the axis of a sweep and as faint paths
// on the loss surface.

/**
 * @typedef {object} Hall
 * @property {string} place the loss surface of all of them, as `Run.place` names it
 * @property {string} field of the sweep on whose axis they have a place; of others none is there
 * @property {Tried[]} runs in any order
 * @property {boolean} [guessing] others are still to try: what the sweep knows would tell them
 *
 * @typedef {object} Tried
 * @property {number} value of the field
 * @property {number | null} loss where it has ended, in the units of the data; null where it got lost
 * @property {number[]} path b, w, b, w, … from its start to its end, as far as it is known
 * @property {"" | "best" | "own"} mark what makes it stand out
 */

const PATH = { width: 1.2, opacity: 0.4 };
const MARKED_PATH = { width: 2.4, opacity: 0.9 };

/** @param {Hall} hall @param {Record<string, string>} colours by role @returns {object[]} over b and w */
export function hallPaths({ runs }, colours) {
  const [others, marked] = parted(runs);
  return [
    ...ways(others, colours.muted, PATH, { size: 5 }),
    ...ways(marked, colours["run-1"], MARKED_PATH, { size: 9, line: { color: colours.background, width: 1.5 } }),
  ];
}

/**
 * @param {Hall} hall @param {number} top where those stand that got lost or went higher @param {Record<string, string>} colours
 * @returns {object[]} over the values of the sweep
 */
export function hallPlaces({ runs }, top, colours) {
  const [others, marked] = parted(runs);
  const rim = { color: colours.background, width: 1.5 };
  const places = (some, marker) => ({
    x: some.map(({ value }) => value),
    y: some.map(({ loss }) => Math.min(loss ?? Infinity, top)),
    mode: "markers",
    marker,
  });
  return [
    places(others, { color: colours.text, size: 8, line: rim }),
    places(marked, { color: colours["run-1"], size: 17, symbol: "star" }),
  ];
}

/** Those that are marked lie over the others. */
function parted(runs) {
  return [runs.filter(({ mark }) => !mark), runs.filter(({ mark }) => mark)];
}

/** All ways in one line with gaps, and a dot at the end of each. */
function ways(runs, color, { width, opacity }, dot) {
  const known = runs.filter(({ path }) => path.length);
  if (!known.length) return [];
  const along = (first) => known.flatMap(({ path }) => [...path.filter((_, i) => i % 2 === first), null]);
  const ends = (first) => known.map(({ path }) => path[path.length - 2 + first]);
  return [
    { x: along(0), y: along(1), mode: "lines", line: { color, width }, opacity },
    { x: ends(0), y: ends(1), mode: "markers", marker: { color, ...dot } },
  ];
}
