// As much of a canvas's context as the charts' painters use, which writes SVG: what they paint becomes vectors.

import { rounded, svgElement } from "../shared/svg.js";
import { ink } from "./ink.js";

const ANCHORS = { left: "start", start: "start", center: "middle", right: "end", end: "end" };

/** Measures letters. */
const ruler = document.createElement("canvas").getContext("2d");

export class SvgContext {
  /** @param {SVGElement} group that takes what is drawn */
  constructor(group) {
    this.group = group;
    Object.assign(this, { fillStyle: "#000000", strokeStyle: "#000000", lineWidth: 1, lineJoin: "miter", lineCap: "butt" });
    Object.assign(this, { globalAlpha: 1, font: "10px sans-serif", textAlign: "start", textBaseline: "alphabetic" });
    this.dashes = [];
    /** How a place becomes one in the picture: a, b, c, d, e, f as in SVG's `matrix`. */
    this.matrix = [1, 0, 0, 1, 0, 0];
    this.saved = [];
    this.beginPath();
  }

  /** All of it: the painters begin a frame like this, and clear nothing else. */
  clearRect() {
    this.group.replaceChildren();
  }

  save() {
    const { saved: _saved, path: _path, made: _made, ...state } = this;
    this.saved.push(state);
  }

  restore() {
    Object.assign(this, this.saved.pop());
  }

  translate(x, y) {
    const [a, b, c, d, e, f] = this.matrix;
    this.matrix = [a, b, c, d, a * x + c * y + e, b * x + d * y + f];
  }

  rotate(angle) {
    const [a, b, c, d, e, f] = this.matrix;
    const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
    this.matrix = [a * cos + c * sin, b * cos + d * sin, c * cos - a * sin, d * cos - b * sin, e, f];
  }

  /** What is drawn from now on is so many times as large, with its lines and letters. @param {number} times */
  scale(times) {
    if (times !== 1) this.group = this.group.appendChild(svgElement("g", { transform: `scale(${times})` }));
  }

  setLineDash(dashes) {
    this.dashes = dashes;
  }

  beginPath() {
    this.path = "";
    /** The element that shows this very path. */
    this.made = null;
  }

  moveTo(x, y) {
    this.extend("M", this.placed(x, y));
  }

  lineTo(x, y) {
    this.extend(this.path ? "L" : "M", this.placed(x, y));
  }

  closePath() {
    this.extend("Z", []);
  }

  /** A whole circle: the painters draw no other arc. */
  arc(x, y, radius) {
    if (!Number.isFinite(x + y)) return;
    const [right, left] = [this.placed(x + radius, y), this.placed(x - radius, y)];
    const size = rounded(radius);
    this.extend("M", right);
    for (const end of [left, right]) this.extend(`A${size} ${size} 0 1 1 `, end);
    this.extend("Z", []);
  }

  fill() {
    const { colour, opacity } = ink(this.fillStyle);
    this.show({ fill: colour, "fill-opacity": opacity * this.globalAlpha });
  }

  stroke() {
    const { made } = this;
    const stroke = this.strokeAttributes;
    // SVG strokes what it has filled, as is done here.
    if (made && !made.hasAttribute("stroke")) setAttributes(made, stroke);
    else this.show({ fill: "none", ...stroke });
  }

  fillRect(x, y, width, height) {
    this.rectangle(x, y, width, height);
    this.fill();
  }

  strokeRect(x, y, width, height) {
    this.rectangle(x, y, width, height);
    this.stroke();
  }

  drawImage(image, x, y, width, height) {
    const [left, top] = this.placed(x, y);
    this.group.append(svgElement("image", { x: left, y: top, width, height, preserveAspectRatio: "none", href: image.toDataURL() }));
  }

  fillText(text, x, y) {
    const { colour, opacity } = ink(this.fillStyle);
    this.write(text, x, y, attributes({ fill: colour, "fill-opacity": opacity * this.globalAlpha }));
  }

  strokeText(text, x, y) {
    this.write(text, x, y, { fill: "none", ...this.strokeAttributes });
  }

  measureText(text) {
    ruler.font = this.font;
    return ruler.measureText(text);
  }

  placed(x, y) {
    const [a, b, c, d, e, f] = this.matrix;
    return [a * x + c * y + e, b * x + d * y + f].map(rounded);
  }

  /** A place that is no number is passed over, as by a canvas. */
  extend(command, place) {
    if (!place.every(Number.isFinite)) return;
    this.path += command + place.join(" ");
    this.made = null;
  }

  rectangle(x, y, width, height) {
    this.beginPath();
    this.moveTo(x, y);
    for (const [right, down] of [[width, 0], [width, height], [0, height]]) this.lineTo(x + right, y + down);
    this.closePath();
  }

  get strokeAttributes() {
    const { colour, opacity } = ink(this.strokeStyle);
    return attributes({
      stroke: colour,
      "stroke-opacity": opacity * this.globalAlpha,
      "stroke-width": rounded(this.lineWidth),
      "stroke-linejoin": this.lineJoin,
      "stroke-linecap": this.lineCap,
      "stroke-dasharray": this.dashes.join(" ") || "none",
    });
  }

  show(look) {
    this.made = svgElement("path", attributes({ d: this.path, ...look }));
    this.group.append(this.made);
  }

  write(text, x, y, look) {
    const [left, top] = this.placed(x, y + this.drop());
    const element = svgElement("text", { x: left, y: top, "text-anchor": ANCHORS[this.textAlign], ...fontAttributes(this.font), ...look });
    element.textContent = text;
    this.group.append(element);
  }

  /** From the chosen height of letters down to the line that they stand on, which every program knows. */
  drop() {
    const [own, standing] = [this.textBaseline, "alphabetic"].map((baseline) => {
      Object.assign(ruler, { font: this.font, textBaseline: baseline });
      return ruler.measureText("x").actualBoundingBoxAscent;
    });
    ruler.textBaseline = "alphabetic";
    return standing - own;
  }
}

/** What SVG takes for granted, for the size of the file. */
const DEFAULTS = {
  "fill-opacity": "1",
  "stroke-opacity": "1",
  "stroke-width": "1",
  "stroke-linejoin": "miter",
  "stroke-linecap": "butt",
  "stroke-dasharray": "none",
};

function attributes(all) {
  return Object.fromEntries(Object.entries(all).filter(([name, value]) => String(value) !== DEFAULTS[name]));
}

function setAttributes(element, all) {
  for (const [name, value] of Object.entries(all)) element.setAttribute(name, String(value));
}

/** A font as CSS writes it, one by one: not every program reads the short form. */
function fontAttributes(font) {
  const { style } = document.createElement("span");
  style.font = font;
  return { "font-family": style.fontFamily, "font-size": style.fontSize, "font-weight": style.fontWeight };
}
