// Names by chance: of questions and turns, and of whoever has a page, by which nobody is known.

/** @param {number} bytes as many letters twice */
export function newName(bytes) {
  // `randomUUID` is only there where the page came over https.
  return Array.from(crypto.getRandomValues(new Uint8Array(bytes)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
