// The names at the ends of lines: they give way to one another, and stay within the picture.

/** Between the end of a line and its name, in pixels. */
const DISTANCE = 9;

/**
 * A name, the point in pixels at which its line ends, and how wide it is.
 * @typedef {{x: number, y: number, width: number}} End
 * @typedef {{left: number, middle: number}} Place of a name: its left edge, and the middle of its height
 */

/**
 * Places for names: to the right of their lines' ends where there is room, else above and to the left of them. Names
 * that would cover one another move up and down until they do not, in the order of their lines' ends and as little as
 * possible in all.
 * @param {End[]} ends
 * @param {{width: number, height: number}} frame
 * @param {number} height of a name
 * @returns {Place[]} in the order of the ends
 */
export function placesOf(ends, frame, height) {
  const places = ends.map(({ x, y, width }) => {
    const fits = x + DISTANCE + width <= frame.width;
    const left = fits ? x + DISTANCE : Math.max(x - DISTANCE - width, 0);
    return { left, middle: fits ? y : y - height };
  });
  for (const column of columnsOf(places, ends)) {
    column.sort((one, other) => places[one].middle - places[other].middle || one - other);
    const apart = spaced(column.map((i) => places[i].middle), height, height / 2, frame.height - height / 2);
    column.forEach((i, rank) => {
      places[i].middle = apart[rank];
    });
  }
  return places;
}

/** The names in groups; those of different groups have no horizontal place in common. */
function columnsOf(places, ends) {
  const order = places.map((_, i) => i).toSorted((one, other) => places[one].left - places[other].left);
  const columns = [];
  let reach = -Infinity;
  for (const i of order) {
    if (places[i].left > reach) columns.push([]);
    columns.at(-1).push(i);
    reach = Math.max(reach, places[i].left + ends[i].width);
  }
  return columns;
}

/**
 * The numbers nearest to ascending ones (by the sum of squares) that are `distance` apart and between low and high.
 * Less the distances before them they only have to rise: neighbours that do not are put on their mean, as one.
 */
function spaced(wanted, distance, low, high) {
  const blocks = [];
  wanted.forEach((value, i) => {
    blocks.push({ sum: value - i * distance, count: 1 });
    while (blocks.length > 1 && mean(blocks.at(-2)) > mean(blocks.at(-1))) {
      const { sum, count } = blocks.pop();
      blocks.at(-1).sum += sum;
      blocks.at(-1).count += count;
    }
  });
  // If there is no room for all, the last ones go below the picture rather than over one another.
  const top = Math.max(high - (wanted.length - 1) * distance, low);
  return blocks
    .flatMap((block) => Array.from({ length: block.count }, () => Math.min(Math.max(mean(block), low), top)))
    .map((value, i) => value + i * distance);
}

function mean({ sum, count }) {
  return sum / count;
}
