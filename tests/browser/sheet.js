// Draws the charts of a scene with the stage's own code, each as one SVG: what plotly drew, and over it what the
// painter would have put on the canvas.

/** As much of a canvas's context as the painter uses; keeps what is drawn as SVG elements. */
class SvgContext {
  constructor(canvas) {
    Object.assign(this, { canvas, globalAlpha: 1, dashes: [], turned: "", saved: [] });
    this.clearRect();
  }

  clearRect() {
    this.drawing = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    this.drawing.setAttribute("class", "painted");
    for (const [name, of] of [["x", "left"], ["y", "top"], ["width", "width"], ["height", "height"]]) {
      this.drawing.setAttribute(name, parseFloat(this.canvas.style[of]));
    }
  }

  add(tag, attributes, text = "") {
    const one = document.createElementNS("http://www.w3.org/2000/svg", tag);
    for (const [name, value] of Object.entries({ ...attributes, opacity: this.globalAlpha })) one.setAttribute(name, value);
    if (this.turned) one.setAttribute("transform", this.turned);
    one.textContent = text;
    this.drawing.append(one);
  }

  get outline() {
    return { stroke: this.strokeStyle, "stroke-width": this.lineWidth, "stroke-dasharray": this.dashes.join(" ") || "none" };
  }

  measureText(text) { return { width: 7 * text.length }; }
  beginPath() { this.path = ""; }
  closePath() { this.path += "Z"; }
  moveTo(x, y) { this.path += `M${x},${y}`; }
  lineTo(x, y) { this.path += `L${x},${y}`; }
  arc(x, y, r) { this.path += `M${x + r},${y}A${r},${r},0,1,1,${x - r},${y}A${r},${r},0,1,1,${x + r},${y}`; }
  stroke() { this.add("path", { d: this.path, fill: "none", ...this.outline }); }
  fill() { this.add("path", { d: this.path, fill: this.fillStyle }); }
  fillRect(x, y, width, height) { this.add("path", { d: `M${x},${y}h${width}v${height}h${-width}Z`, fill: this.fillStyle }); }
  strokeRect(x, y, width, height) { this.add("path", { d: `M${x},${y}h${width}v${height}h${-width}Z`, fill: "none", ...this.outline }); }
  fillText(text, x, y) {
    const anchor = this.textAlign === "right" ? "end" : "start";
    this.add("text", { x, y, fill: this.fillStyle, style: `font: ${this.font}`, "text-anchor": anchor }, text);
  }
  setLineDash(dashes) { this.dashes = dashes; }
  save() { this.saved.push(this.turned); }
  restore() { this.turned = this.saved.pop(); }
  translate(x, y) { this.turned += ` translate(${x},${y})`; }
  rotate(angle) { this.turned += ` rotate(${(angle * 180) / Math.PI})`; }
}

/**
 * @param {{scene: object, columns: object, aside: object, k: number, beat: string, dark: boolean}} given
 * @param {number} width of each chart @param {number} height
 * @returns {Promise<[string, string][]>} the SVG of every chart that is shown in this beat, with its heading
 */
// oxlint-disable-next-line no-unused-vars -- the test that loads this script calls it
async function drawSheet({ scene, columns: rows, aside, k, beat, dark }, width, height) {
  const [{ Chart }, { Columns }] = await Promise.all(
    ["chart", "columns"].map((name) => import(`/app/static/stage/charts/${name}.js`)),
  );
  const columns = new Columns();
  columns.append(rows);
  columns.aside = aside && { row: k, values: aside };
  const area = document.createElement("div");
  document.body.append(area);
  const sheet = [];
  for (const [name, figure] of Object.entries(scene.figures)) {
    const chart = new Chart(area, name);
    Object.assign(chart.area.style, { width: `${width}px`, height: `${height}px` });
    chart.show(figure, scene.palette, dark, "");
    await chart.ready;
    if (!chart.during || chart.during === (beat ? "beats" : "epochs")) {
      chart.context = new SvgContext(chart.canvas);
      chart.follow([{ columns, k }], beat);
      await chart.ready;
      clearTimeout(chart.resting);
      const still = await Plotly.toImage(chart.plot, { format: "svg", width, height, imageDataOnly: true });
      const svg = new DOMParser().parseFromString(still, "image/svg+xml").documentElement;
      svg.append(chart.context.drawing);
      sheet.push([chart.heading.textContent, new XMLSerializer().serializeToString(svg)]);
    }
    chart.dispose();
  }
  area.remove();
  return sheet;
}
