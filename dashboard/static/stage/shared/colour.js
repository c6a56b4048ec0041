// Colours in numbers: red, green and blue from 0 to 255.

/** Those of `#rrggbb`. @returns {number[]} */
export function channels(colour) {
  return [1, 3, 5].map((at) => Number.parseInt(colour.slice(at, at + 2), 16));
}

/**
 * The colour at a part of a scale whose colours stand at equal distances.
 * @param {number[][]} scale two colours or more @param {number} part from 0 to 1
 * @returns {number[]} not rounded
 */
export function mixed(scale, part) {
  const place = part * (scale.length - 1);
  const below = Math.min(Math.floor(place), scale.length - 2);
  const [one, other] = [scale[below], scale[below + 1]];
  return one.map((value, i) => value + (place - below) * (other[i] - value));
}
