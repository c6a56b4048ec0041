// Pixels of the screen for one of the page: another number on another screen, and with every zoom of the browser.

/** @param {() => void} changed @returns {() => void} ends the watch */
export function watchSharpness(changed) {
  const listening = new AbortController();
  // A query is of one number: of the next one it knows nothing.
  const watch = () => {
    const query = matchMedia(`(resolution: ${devicePixelRatio}dppx)`);
    query.addEventListener("change", () => (changed(), watch()), { once: true, signal: listening.signal });
  };
  watch();
  return () => listening.abort();
}

/**
 * Gives a canvas as many pixels as the screen has where it is to be seen, and a context that counts in px of the page.
 * @param {HTMLCanvasElement} canvas @param {{left: number, top: number, width: number, height: number}} place
 * @returns {CanvasRenderingContext2D}
 */
export function fitted(canvas, { left, top, width, height }) {
  const ratio = window.devicePixelRatio || 1;
  Object.assign(canvas.style, { left: `${left}px`, top: `${top}px`, width: `${width}px`, height: `${height}px` });
  canvas.width = Math.round(width * ratio);
  canvas.height = Math.round(height * ratio);
  const context = canvas.getContext("2d");
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  return context;
}
