// A picture in pixels. A browser shows an SVG as an image without the page's own fonts: so the letters are taken out of it,
// and written over it by a canvas, which has them.

import { svgText } from "./files.js";

/** @param {SVGSVGElement} svg @param {number} times how many pixels for every one of the drawing */
export async function raster(svg, times) {
  const { x, y, width, height } = svg.viewBox.baseVal;
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [Math.round(times * width), Math.round(times * height)];
  const context = canvas.getContext("2d");
  const bare = /** @type {SVGSVGElement} */ (svg.cloneNode(true));
  for (const text of bare.querySelectorAll("text")) text.remove();
  const image = new Image();
  // Drawn as large as it will be, so that no program in between makes pixels of it first.
  bare.setAttribute("width", String(canvas.width));
  bare.setAttribute("height", String(canvas.height));
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svgText(bare))}`;
  await image.decode();
  context.drawImage(image, 0, 0);
  writeTexts(context, svg, new DOMMatrix([times, 0, 0, times, -times * x, -times * y]));
  return canvas;
}

/** @param {DOMMatrix} toPixels from the picture's units */
function writeTexts(context, svg, toPixels) {
  const place = document.createElement("div");
  // The letters' places are known once the browser has set them.
  Object.assign(place.style, { position: "fixed", left: "-99999px", visibility: "hidden" });
  place.setAttribute("aria-hidden", "true");
  const copy = /** @type {SVGSVGElement} */ (svg.cloneNode(true));
  // In units of its own, wherever the drawing begins.
  copy.removeAttribute("viewBox");
  place.append(copy);
  document.body.append(place);
  for (const text of copy.querySelectorAll("text")) {
    context.save();
    clipAsIn(context, text, copy, toPixels);
    let start = 0;
    for (const node of textNodes(text)) {
      writeNode(context, text, node, start, toPixels);
      start += node.data.length;
    }
    context.restore();
  }
  place.remove();
}

function textNodes(text) {
  const walker = document.createTreeWalker(text, NodeFilter.SHOW_TEXT);
  const nodes = [];
  while (walker.nextNode()) nodes.push(/** @type {Text} */ (walker.currentNode));
  return nodes;
}

function writeNode(context, text, node, start, toPixels) {
  const letters = Math.min(node.data.length, text.getNumberOfChars() - start);
  if (letters <= 0) return;
  const style = getComputedStyle(node.parentElement);
  const { x, y } = text.getStartPositionOfChar(start);
  context.setTransform(toPixels.multiply(text.getCTM()));
  context.globalAlpha = opacityOf(node.parentElement);
  context.font = `${style.fontWeight} ${style.fontSize} ${style.fontFamily}`;
  // As wide as in the picture, whose figures may all be of one width.
  const stretch = text.getSubStringLength(start, letters) / context.measureText(node.data).width;
  context.translate(x, y);
  if (Number.isFinite(stretch) && stretch > 0) context.scale(stretch, 1);
  if (style.stroke !== "none") {
    context.strokeStyle = style.stroke;
    context.lineWidth = parseFloat(style.strokeWidth);
    context.lineJoin = "round";
    context.strokeText(node.data, 0, 0);
  }
  if (style.fill === "none") return;
  context.globalAlpha *= Number(style.fillOpacity);
  context.fillStyle = style.fill;
  context.fillText(node.data, 0, 0);
}

function opacityOf(element) {
  let opacity = 1;
  for (let one = element; one instanceof SVGElement; one = one.parentElement) opacity *= Number(getComputedStyle(one).opacity);
  return opacity;
}

/** Only what is within the areas to which the picture cuts it. */
function clipAsIn(context, text, svg, toPixels) {
  for (let one = text.parentElement; one !== svg; one = one.parentElement) {
    const area = one.getAttribute("clip-path")?.match(/#([^"')]+)/);
    const rect = area && svg.querySelector(`#${CSS.escape(area[1])} rect`);
    if (!rect) continue;
    const { x, y, width, height } = rect.getBBox();
    context.setTransform(toPixels.multiply(one.getCTM()));
    context.beginPath();
    context.rect(x, y, width, height);
    context.clip();
  }
}
