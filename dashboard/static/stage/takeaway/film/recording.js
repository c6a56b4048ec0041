// Records what is drawn on a canvas, while it is drawn.

/** Frames in a second, and how long the last one stands. */
export const RATE = 30;
export const REST_SECONDS = 1;

const BITS_PER_SECOND = 8_000_000;

/**
 * @param {HTMLCanvasElement} canvas
 * @param {(part: number) => void} draw draws what is seen at a part of the way, from 0 to 1
 * @param {number} seconds how long the film lasts
 * @param {string} type as a `MediaRecorder` takes it
 * @param {(seconds: number) => void} told how much is recorded
 * @param {AbortSignal} signal ends it where it is
 * @returns {Promise<Blob>} as much as is recorded
 */
export function record(canvas, draw, seconds, type, told, signal) {
  const way = seconds - REST_SECONDS;
  draw(0);
  const recorder = new MediaRecorder(canvas.captureStream(RATE), { mimeType: type, videoBitsPerSecond: BITS_PER_SECOND });
  const pieces = [];
  recorder.addEventListener("dataavailable", ({ data }) => pieces.push(data));
  return new Promise((resolve, reject) => {
    let [recorded, before, timer] = [0, performance.now(), 0];
    const end = () => {
      clearTimeout(timer);
      document.removeEventListener("visibilitychange", wait);
      if (recorder.state !== "inactive") recorder.stop();
    };
    const next = () => {
      const now = performance.now();
      recorded += (now - before) / 1000;
      before = now;
      draw(Math.min(recorded / way, 1));
      told(Math.min(recorded, seconds));
      if (recorded >= seconds) end();
      else timer = setTimeout(next, Math.max(1000 / RATE - (performance.now() - now), 0));
    };
    // In a hidden tab a browser draws next to nothing: the film goes on where it was.
    const wait = () => {
      clearTimeout(timer);
      if (recorder.state === "inactive") return;
      if (document.hidden) recorder.pause();
      else {
        recorder.resume();
        before = performance.now();
        next();
      }
    };
    recorder.addEventListener("stop", () => resolve(new Blob(pieces, { type: type.split(";")[0] })));
    recorder.addEventListener("error", ({ error }) => {
      end();
      reject(error);
    });
    signal.addEventListener("abort", end);
    document.addEventListener("visibilitychange", wait);
    recorder.start(1000);
    next();
  });
}
