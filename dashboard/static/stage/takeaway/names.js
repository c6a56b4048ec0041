// Names of files that say what is in them.

import { plain } from "../shared/format.js";

/** Longer names of runs than this are left out: how many there are says enough. */
const MOST_LETTERS = 40;

/** Charts whose names in the code say too little. */
const CHARTS = { surface: "loss-surface", landscape: "loss-landscape" };

/**
 * @param {string} what a chart, or another thing @param {string} more where the playhead is, in words, or what it is saved as
 * @param {string[]} runs their names, where there are several
 * @returns {string} without an ending
 */
export function fileName(what, more, runs) {
  const names = runs.map(slug).filter(Boolean).join("-");
  const told = runs.length < 2 ? "" : names.length <= MOST_LETTERS ? names : `${runs.length}-runs`;
  return [CHARTS[what] ?? slug(what), slug(more), told].filter(Boolean).join("-");
}

/** In letters and digits that every file system takes. */
function slug(text) {
  const bare = plain(text).normalize("NFKD").toLowerCase();
  return bare.replaceAll(/[^a-z0-9.]+/g, "-").replaceAll(/^[-.]+|[-.]+$/g, "");
}
