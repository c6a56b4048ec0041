// Numbers that travel as plotly takes arrays: their bytes, little-endian, in base64.

/** By `dtype`, what reads one number. */
const KINDS = { f8: [8, "getFloat64"], f4: [4, "getFloat32"], i4: [4, "getInt32"] };

/** @param {{dtype: string, bdata: string}} packed @returns {number[]} */
export function unpacked({ dtype, bdata }) {
  const bytes = Uint8Array.from(atob(bdata), (character) => character.charCodeAt(0));
  const [size, read] = KINDS[dtype];
  const view = new DataView(bytes.buffer);
  return Array.from({ length: bytes.length / size }, (_, i) => view[read](i * size, true));
}

/** Columns of a run that travel so, as arrays by name. @param {Record<string, {dtype: string, bdata: string}>} columns */
export function columnsOf(columns) {
  return Object.fromEntries(Object.entries(columns).map(([name, packed]) => [name, Float64Array.from(unpacked(packed))]));
}
