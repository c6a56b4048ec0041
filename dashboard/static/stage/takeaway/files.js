// Files that a browser saves.

/** What XML cannot hold, however it is written. */
// oxlint-disable-next-line no-control-regex -- control characters are what it is about
const NO_XML = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

/** The drawing as the text of a file. @param {SVGSVGElement} svg */
export function svgText(svg) {
  return new XMLSerializer().serializeToString(svg).replaceAll(NO_XML, "\ufffd");
}

/** A text as a file. */
export function saveText(name, text, type) {
  save(name, new Blob([text], { type }));
}

/** @param {string} name with its ending @param {Blob} blob */
export function save(name, blob) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
