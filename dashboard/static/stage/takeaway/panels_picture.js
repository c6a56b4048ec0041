// What the page shows of an element, as SVG: boxes, borders, lines of text and drawings, each where it stands.
//
// No foreignObject, in which a browser would do all this by itself: no other program can read it.

import { rounded, svgElement } from "../shared/svg.js";
import { drawingCopy } from "./drawing_copy.js";
import { keyShape } from "./legend_key.js";
import { linesOf } from "./text_lines.js";

const SIDES = ["Top", "Right", "Bottom", "Left"];

/** Where a line of text is held, so that it stays there in letters of another width. */
const ANCHORS = { right: ["end", "right"], end: ["end", "right"], center: ["middle", "middle"] };

/** Around what can be chosen of which the others are left out. */
const FRAMES = ".method";

/** @typedef {(colour: string) => {colour: string, opacity: number}} InkOf */

export class PanelsPicture {
  /**
   * @param {Element} whole what the picture is of: it has no frame there
   * @param {{left: number, top: number}} corner of the picture, in the window
   * @param {InkOf} inkOf the colour that stands for a computed one
   * @param {string} leftOut a selector of what is not to be in the picture
   * @param {Map<Element, SVGElement>} instead what stands for some elements, from their corner on
   */
  constructor(whole, corner, inkOf, leftOut, instead) {
    Object.assign(this, { whole, corner, inkOf, leftOut, instead });
    this.clips = 0;
  }

  /**
   * @param {Element} element @param {SVGElement} into
   * @param {Element[]} later takes what lies over its neighbours
   * @param {number} limit the right edge at which text is cut
   */
  draw(element, into, later = [], limit = Infinity) {
    const style = getComputedStyle(element);
    if (style.display === "none" || Number(style.opacity) === 0 || element.matches(this.leftOut)) return;
    if (style.position === "sticky" && !later.includes(element)) {
      later.push(element);
      return;
    }
    const group = Number(style.opacity) < 1 ? into.appendChild(svgElement("g", { opacity: style.opacity })) : into;
    const instead = this.instead.get(element);
    if (instead) group.append(this.moved(instead, element));
    else if (element instanceof SVGSVGElement) group.append(this.drawing(element));
    else if (element.matches(".key")) group.append(keyShape(element, this.placeOf(element), this.inkOf(style.color)));
    else this.drawBox(element, style, group, later, limit);
  }

  drawBox(element, style, into, later, limit) {
    const visible = style.visibility === "visible";
    const place = this.placeOf(element);
    if (visible && place.width && place.height && element !== this.whole && !element.matches(FRAMES)) into.append(...this.boxOf(place, style));
    const cut = style.textOverflow === "ellipsis" && element.scrollWidth > element.clientWidth;
    const end = cut ? element.getBoundingClientRect().right - parseFloat(style.paddingRight) - parseFloat(style.borderRightWidth) : limit;
    const clipped = style.overflowX !== "visible" && !cut && this.overflows(element);
    const area = clipped ? this.clip(place, into) : null;
    const [inner, over] = area ? [area.group, []] : [into, later];
    for (const child of element.childNodes) {
      if (child.nodeType === Node.TEXT_NODE && visible) this.write(child, style, inner, end);
      else if (child instanceof Element) this.draw(child, inner, over, end);
    }
    if (!area) return;
    // What stays at an edge while the rest is scrolled: nothing is seen below it.
    for (const one of over) {
      cutOff(area.rect, this.placeOf(one));
      this.draw(one, into, over, end);
    }
  }

  overflows({ scrollWidth, clientWidth, scrollHeight, clientHeight }) {
    return scrollWidth > clientWidth || scrollHeight > clientHeight;
  }

  placeOf(element) {
    const { left, top, width, height } = element.getBoundingClientRect();
    return { x: left - this.corner.left, y: top - this.corner.top, width, height };
  }

  clip({ x, y, width, height }, into) {
    this.clips += 1;
    const clip = svgElement("clipPath", { id: `clip-${this.clips}` });
    const rect = svgElement("rect", { x, y, width, height });
    clip.append(rect);
    const group = svgElement("g", { "clip-path": `url(#${clip.id})` });
    into.append(clip, group);
    return { rect, group };
  }

  moved(group, element) {
    const { x, y } = this.placeOf(element);
    group.setAttribute("transform", `translate(${rounded(x)} ${rounded(y)})`);
    return group;
  }

  drawing(svg) {
    const group = drawingCopy(svg, this.inkOf);
    const { a, b, c, d, e, f } = svg.getScreenCTM();
    group.setAttribute("transform", `matrix(${[a, b, c, d, e - this.corner.left, f - this.corner.top].join(" ")})`);
    return group;
  }

  /** Ground and border of a box. @returns {SVGElement[]} */
  boxOf({ x, y, width, height }, style) {
    const shapes = [];
    const borders = SIDES.map((side) => ({
      width: style[`border${side}Style`] === "none" ? 0 : parseFloat(style[`border${side}Width`]),
      ...this.inkOf(style[`border${side}Color`]),
    }));
    const ground = this.inkOf(style.backgroundColor);
    const [first] = borders;
    const alike = borders.every((one) => one.width === first.width && one.colour === first.colour);
    const framed = alike && first.width > 0 && first.opacity > 0;
    if (ground.opacity > 0 || framed) {
      const inset = framed ? first.width / 2 : 0;
      const radius = Math.min(parseFloat(style.borderTopLeftRadius) || 0, width / 2, height / 2) - inset;
      const box = { x: rounded(x + inset), y: rounded(y + inset), width: rounded(width - 2 * inset), height: rounded(height - 2 * inset) };
      shapes.push(svgElement("rect", {
        ...box,
        ...(radius > 0 ? { rx: rounded(radius) } : {}),
        fill: ground.opacity > 0 ? ground.colour : "none",
        ...(ground.opacity > 0 && ground.opacity < 1 ? { "fill-opacity": ground.opacity } : {}),
        ...(framed ? { stroke: first.colour, "stroke-opacity": first.opacity, "stroke-width": first.width } : {}),
      }));
    }
    if (!alike) shapes.push(...borders.flatMap((one, side) => (one.width && one.opacity ? [sideOf(side, one, { x, y, width, height })] : [])));
    return shapes;
  }

  underline({ left, right, baseline }, { fontSize }, colour) {
    const [x, y] = [left - this.corner.left, baseline - this.corner.top + parseFloat(fontSize) / 8];
    return svgElement("rect", { x: rounded(x), y: rounded(y), width: rounded(right - left), height: 1, fill: colour });
  }

  write(node, style, into, limit) {
    const { colour, opacity } = this.inkOf(style.color);
    const [anchor, at] = ANCHORS[style.textAlign] ?? ["start", "left"];
    for (const line of linesOf(node, style, limit)) {
      const places = { left: line.left, right: line.right, middle: (line.left + line.right) / 2 };
      const text = svgElement("text", {
        x: rounded(places[at] - this.corner.left),
        y: rounded(line.baseline - this.corner.top),
        fill: colour,
        ...(opacity < 1 ? { "fill-opacity": opacity } : {}),
        "font-family": style.fontFamily,
        "font-size": style.fontSize,
        ...(style.fontWeight === "400" ? {} : { "font-weight": style.fontWeight }),
        ...(style.fontVariantNumeric === "normal" ? {} : { style: `font-variant-numeric: ${style.fontVariantNumeric}` }),
        ...(anchor === "start" ? {} : { "text-anchor": anchor }),
        // As wide as here, in whatever letters another program has.
        textLength: rounded(line.right - line.left),
        lengthAdjust: "spacingAndGlyphs",
      });
      text.textContent = line.text;
      into.append(text);
      if (style.textDecorationLine.includes("underline")) into.append(this.underline(line, style, colour));
    }
  }
}

/** Takes what stands at its upper or its lower edge from a clip's area. */
function cutOff(rect, { y, height }) {
  const [top, tall] = ["y", "height"].map((name) => Number(rect.getAttribute(name)));
  const above = y + height / 2 < top + tall / 2;
  const [from, to] = above ? [Math.max(top, y + height), top + tall] : [top, Math.min(top + tall, y)];
  rect.setAttribute("y", String(from));
  rect.setAttribute("height", String(Math.max(to - from, 0)));
}

/** One side of a border, from outside to inside. */
function sideOf(side, { width: thick, colour, opacity }, { x, y, width, height }) {
  const places = [
    { x, y, width, height: thick },
    { x: x + width - thick, y, width: thick, height },
    { x, y: y + height - thick, width, height: thick },
    { x, y, width: thick, height },
  ];
  return svgElement("rect", { ...places[side], fill: colour, "fill-opacity": opacity });
}
