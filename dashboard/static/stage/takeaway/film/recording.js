// Records what is drawn on a canvas, while it is drawn.

/** Frames in a second, and how long the last one stands. */
export const RATE = 30;
export const REST_SECONDS = 1;

const BITS_PER_SECOND = 8_000_000;

/**
 * However it ends, nothing of it goes on.
 * @param {HTMLCanvasElement} canvas
 * @param {(part: number) => void} draw draws what is seen at a part of the way, from 0 to 1
 * @param {number} seconds how long the film lasts
 * @param {string} type as a `MediaRecorder` takes it
 * @param {(seconds: number) => void} told how much is recorded
 * @param {AbortSignal} signal ends it where it is
 * @returns {Promise<Blob>} as much as is recorded; rejected where the browser cannot record, or `draw` or `told` throws
 */
export async function record(canvas, draw, seconds, type, told, signal) {
  draw(0);
  const stream = canvas.captureStream(RATE);
  const over = new AbortController();
  try {
    const recorder = new MediaRecorder(stream, { mimeType: type, videoBitsPerSecond: BITS_PER_SECOND });
    over.signal.addEventListener("abort", () => recorder.state !== "inactive" && recorder.stop());
    return await recorded(recorder, draw, seconds, told, signal, over.signal);
  } finally {
    over.abort();
    for (const track of stream.getTracks()) track.stop();
  }
}

/** @param {AbortSignal} over when nobody waits for it any more @returns {Promise<Blob>} */
function recorded(recorder, draw, seconds, told, signal, over) {
  const way = seconds - REST_SECONDS;
  const pieces = [];
  return new Promise((resolve, reject) => {
    let [done, before, timer] = [0, performance.now(), 0];
    /** What fails in a timer or an event nobody would hear of. */
    const guarded = (act) => () => {
      try {
        act();
      } catch (error) {
        reject(error);
      }
    };
    const end = () => {
      clearTimeout(timer);
      if (recorder.state !== "inactive") recorder.stop();
    };
    const next = guarded(() => {
      const now = performance.now();
      done += (now - before) / 1000;
      before = now;
      draw(Math.min(done / way, 1));
      told(Math.min(done, seconds));
      if (done >= seconds) end();
      else timer = setTimeout(next, Math.max(1000 / RATE - (performance.now() - now), 0));
    });
    // In a hidden tab a browser draws next to nothing: the film goes on where it was.
    const wait = guarded(() => {
      clearTimeout(timer);
      if (recorder.state === "inactive") return;
      if (document.hidden) recorder.pause();
      else {
        recorder.resume();
        before = performance.now();
        next();
      }
    });
    const untilOver = { signal: over };
    over.addEventListener("abort", () => clearTimeout(timer));
    recorder.addEventListener("dataavailable", ({ data }) => pieces.push(data), untilOver);
    recorder.addEventListener("stop", () => resolve(new Blob(pieces, { type: recorder.mimeType.split(";")[0] })), untilOver);
    recorder.addEventListener("error", ({ error }) => reject(error), untilOver);
    signal.addEventListener("abort", end, untilOver);
    document.addEventListener("visibilitychange", wait, untilOver);
    recorder.start(1000);
    next();
  });
}
