// The kinds of films that this browser records.

/** By ending, from the best to what more browsers can. First what says how long it is: a recorder's WebM does not. */
const KINDS = {
  mp4: ["video/mp4;codecs=avc1.640033", "video/mp4;codecs=avc1.42E033", "video/mp4"],
  webm: ["video/webm;codecs=vp9", "video/webm;codecs=vp8", "video/webm"],
};

/** @returns {Record<string, string>} by ending how it is recorded; none where the browser records nothing */
export function filmKinds() {
  if (typeof MediaRecorder === "undefined" || !HTMLCanvasElement.prototype.captureStream) return {};
  const found = Object.entries(KINDS).map(([ending, types]) => [ending, types.find((type) => MediaRecorder.isTypeSupported(type))]);
  return Object.fromEntries(found.filter(([, type]) => type));
}
