// The loss surface painted by hand, for as long as it changes with every frame: the look of plotly's filled contours,
// in a hundredth of the time that plotly takes for them.

import { FLOOR, LEVELS } from "./bowl.js";
import { channels, mixed } from "../shared/colour.js";

/** The most pixels in each direction that are computed: what is finer is stretched. */
const MOST = 320;

/** How much of its own colour a contour has, which is a pixel wide here and less where plotly draws it. */
const EDGE = 0.6;

/**
 * @param {CanvasRenderingContext2D} context
 * @param {import("./painter.js").Frame} frame
 * @param {{colorscale: [number, string][], line: {color: string}, meta: import("./bowl.js").Landscape}} trace
 */
export function paintBowl(context, frame, { colorscale, line, meta }) {
  const [width, height] = [frame.width, frame.height].map((length) => Math.max(2, Math.min(Math.round(length), MOST)));
  const levels = levelsOver(meta, frame.x.range, frame.y.range, width, height);
  const scale = colorscale.map(([, colour]) => channels(colour));
  const bands = Array.from({ length: LEVELS }, (_, level) => mixed(scale, (level + 1) / (LEVELS + 1)));
  const edge = channels(line.color);
  const edges = bands.map((band) => mixed([band, edge], EDGE));
  const image = new ImageData(width, height);
  for (let i = 0; i < levels.length; i += 1) {
    const last = i % width === width - 1;
    const border = (!last && levels[i] !== levels[i + 1]) || (i + width < levels.length && levels[i] !== levels[i + width]);
    image.data.set((border ? edges : bands)[levels[i]], 4 * i);
    image.data[4 * i + 3] = 255;
  }
  canvas.width = width;
  canvas.height = height;
  canvas.getContext("2d").putImageData(image, 0, 0);
  context.drawImage(canvas, 0, 0, frame.width, frame.height);
}

const canvas = document.createElement("canvas");

/** Between which contours every pixel lies, row by row from the top, as `contoursOver` sets them. @returns {Uint8Array} */
function levelsOver({ x_mean, y_mean, x_variance, w_min }, [left, right], [bottom, top], width, height) {
  const heights = new Float64Array(width * height);
  let [low, high] = [Infinity, -Infinity];
  for (let row = 0, i = 0; row < height; row += 1) {
    const w = top - ((row + 0.5) / height) * (top - bottom);
    const slope = x_variance * (w - w_min) ** 2;
    for (let column = 0; column < width; column += 1, i += 1) {
      const offset = left + ((column + 0.5) / width) * (right - left) + w * x_mean - y_mean;
      const value = Math.log10(offset * offset + slope);
      heights[i] = value;
      if (value < low) low = value;
      if (value > high) high = value;
    }
  }
  low = Math.max(low, high + Math.log10(FLOOR));
  const size = (high - low) / LEVELS || 1;
  return Uint8Array.from(heights, (value) => Math.min(Math.max(Math.floor((value - low) / size), 0), LEVELS - 1));
}
