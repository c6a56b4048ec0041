// Colours by role: CSS variables for the page, and the exchange of light for dark within a figure.

/** Whether the page's background is dark. @param {Element} element within the page */
export function isDark(element) {
  const probe = document.createElement("span");
  probe.style.color = getComputedStyle(element).getPropertyValue("--st-background-color") || "white";
  element.append(probe);
  const [red, green, blue] = (getComputedStyle(probe).color.match(/[\d.]+/g) ?? [255, 255, 255]).map(Number);
  probe.remove();
  return 0.299 * red + 0.587 * green + 0.114 * blue < 128;
}

/** Sets `--lab-ROLE` for every role on the whole document, where the graph beside the stage finds them too. */
export function setVariables(palette) {
  for (const [role, colour] of Object.entries(palette)) {
    document.documentElement.style.setProperty(`--lab-${role}`, colour);
  }
}

/** By every colour of one palette that of the same role in the other. @returns {Map<string, string>} */
export function counterparts(from, to) {
  return new Map(Object.entries(from).map(([role, colour]) => [colour, to[role]]));
}

/** A figure's description with every colour of one palette exchanged for that of the same role in the other. */
export function recolour(value, from, to) {
  const exchange = counterparts(from, to);
  const walk = (part) => {
    if (typeof part === "string") return exchange.get(part) ?? part;
    if (Array.isArray(part)) return part.map(walk);
    // Typed arrays hold numbers only.
    if (part && typeof part === "object" && !ArrayBuffer.isView(part)) {
      return Object.fromEntries(Object.entries(part).map(([key, inner]) => [key, walk(inner)]));
    }
    return part;
  };
  return walk(value);
}
