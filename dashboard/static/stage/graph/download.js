// Takes a drawing away as a file: as SVG that looks the same anywhere, as PNG, or any text.

const KEPT = [
  "fill", "stroke", "stroke-width", "stroke-dasharray", "stroke-linejoin", "paint-order", "marker-start", "marker-end",
  "font-family", "font-size", "font-weight", "font-variant-numeric", "opacity",
];

/** A text as a file. */
export function saveText(name, text, type) {
  save(name, new Blob([text], { type }));
}

/** @param {SVGSVGElement} svg */
export function saveSvg(name, svg) {
  saveText(name, standalone(svg).text, "image/svg+xml");
}

/** Twice as large as drawn, which is sharp on a slide. @param {SVGSVGElement} svg */
export async function savePng(name, svg) {
  const { text, width, height } = standalone(svg);
  const picture = new Image();
  picture.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(text)}`;
  await picture.decode();
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [2 * width, 2 * height];
  canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
  canvas.toBlob((blob) => save(name, blob), "image/png");
}

/** The drawing with the page's styles written into it, on the page's background. */
function standalone(svg) {
  const copy = svg.cloneNode(true);
  const originals = svg.querySelectorAll("*");
  copy.querySelectorAll("*").forEach((element, i) => {
    const style = getComputedStyle(originals[i]);
    element.setAttribute("style", KEPT.map((name) => `${name}:${style.getPropertyValue(name)}`).join(";"));
    element.removeAttribute("tabindex");
  });
  const [x, y, width, height] = svg.getAttribute("viewBox").split(" ").map(Number);
  copy.setAttribute("xmlns", "http://www.w3.org/2000/svg");
  copy.setAttribute("width", String(width));
  copy.setAttribute("height", String(height));
  const ground = document.createElementNS("http://www.w3.org/2000/svg", "rect");
  const colour = getComputedStyle(document.documentElement).getPropertyValue("--lab-background") || "white";
  for (const [key, value] of Object.entries({ x, y, width, height, fill: colour })) ground.setAttribute(key, String(value));
  copy.prepend(ground);
  return { text: new XMLSerializer().serializeToString(copy), width, height };
}

function save(name, blob) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
