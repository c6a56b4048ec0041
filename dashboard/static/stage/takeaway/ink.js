// Colours as any program that reads SVG knows them, and those of the other ground.

import { counterparts } from "../shared/theme.js";

/**
 * @param {string} colour as CSS computes or writes it: `rgb(…)`, `rgba(…)`, `#rrggbb`, `transparent`
 * @returns {{colour: string, opacity: number}}
 */
export function ink(colour) {
  if (colour.startsWith("#")) return { colour: colour.toLowerCase(), opacity: 1 };
  const [red, green, blue, opacity = 1] = (colour.match(/[\d.]+/g) ?? [0, 0, 0, 0]).map(Number);
  const hex = [red, green, blue].map((value) => Math.round(value).toString(16).padStart(2, "0"));
  return { colour: `#${hex.join("")}`, opacity };
}

/**
 * What stands for a computed colour on the ground that is asked for.
 * @param {{light: Record<string, string>, dark: Record<string, string>}} palette
 * @param {boolean} shown whether the page is dark @param {boolean} wanted whether the picture is to be
 * @returns {(colour: string) => {colour: string, opacity: number}}
 */
export function exchange({ light, dark }, shown, wanted) {
  const [from, to] = [shown, wanted].map((isDark) => (isDark ? dark : light));
  const others = counterparts(from, to);
  return (colour) => {
    const { colour: own, opacity } = ink(colour);
    return { colour: others.get(own) ?? own, opacity };
  };
}
