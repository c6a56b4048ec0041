// The lines in which a browser has set a text, each with its place.

/** @typedef {{text: string, left: number, right: number, baseline: number}} TextLine in pixels of the window */

const ruler = document.createElement("canvas").getContext("2d");

/**
 * @param {Text} node
 * @param {CSSStyleDeclaration} style of the element around it
 * @param {number} limit the right edge at which the text is cut, with an ellipsis
 * @returns {TextLine[]}
 */
export function linesOf(node, style, limit = Infinity) {
  const font = `${style.fontStyle} ${style.fontWeight} ${style.fontSize} ${style.fontFamily}`;
  const preserved = style.whiteSpace.startsWith("pre");
  return stretchesOf(node).flatMap(([from, to]) => {
    // White space at the ends is not seen, and may be as wide as nothing.
    const text = node.data.slice(from, to);
    const start = from + text.length - text.trimStart().length;
    const end = cutAt(node, start, from + text.trimEnd().length, limit, font);
    if (end <= start) return [];
    const { left, right, top, height } = placeOf(node, start, end);
    if (!(right > left)) return [];
    const shown = node.data.slice(start, end);
    const cut = end < from + text.trimEnd().length ? "…" : "";
    // A space that no program takes for several in a row.
    const words = (preserved ? shown.replaceAll(/ (?= )/g, "\u00a0") : shown.replaceAll(/\s+/g, " ")) + cut;
    return [{ text: start ? words : begun(words, node), left, right: right + (cut ? widthOf(cut, font) : 0), baseline: top + standing(font, height) }];
  });
}

/** From which character to which each line goes. @returns {[number, number][]} */
function stretchesOf(node) {
  const whole = document.createRange();
  whole.selectNodeContents(node);
  const tops = new Set([...whole.getClientRects()].map(({ top }) => Math.round(top)));
  if (!tops.size) return [];
  if (tops.size === 1) return [[0, node.data.length]];
  const stretches = [];
  let line = NaN;
  for (let i = 0; i < node.data.length; i += 1) {
    const { width, top, height } = placeOf(node, i, i + 1);
    if (!width) continue;
    if (stretches.length && Math.abs(top - line) < height / 2) {
      stretches.at(-1)[1] = i + 1;
      continue;
    }
    stretches.push([i, i + 1]);
    line = top;
  }
  return stretches;
}

/** How far the text goes until its place ends. */
function cutAt(node, start, end, limit, font) {
  const fits = (last, beside) => placeOf(node, start, last).right + beside <= limit + 0.5;
  if (limit === Infinity || end <= start || fits(end, 0)) return end;
  let last = end;
  while (last > start && !fits(last, widthOf("…", font))) last -= 1;
  return last;
}

/** Styles may make a capital of the first letter. */
function begun(words, node) {
  const first = !node.previousSibling && getComputedStyle(node.parentElement, "::first-letter").textTransform === "uppercase";
  return first ? words[0].toUpperCase() + words.slice(1) : words;
}

function placeOf(node, start, end) {
  const range = document.createRange();
  range.setStart(node, start);
  range.setEnd(node, end);
  return range.getBoundingClientRect();
}

function widthOf(text, font) {
  ruler.font = font;
  return ruler.measureText(text).width;
}

/** How far below the top of a line of this height its letters stand. */
function standing(font, height) {
  ruler.font = font;
  const { fontBoundingBoxAscent: ascent, fontBoundingBoxDescent: descent } = ruler.measureText("x");
  return ascent + (height - ascent - descent) / 2;
}
