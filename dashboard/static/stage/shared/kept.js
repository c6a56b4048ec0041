// What this browser keeps for a visitor from page to page; where it keeps nothing, it holds for as long as the page.

/** @type {Map<string, string>} */
const here = new Map();

/** @param {string} name @returns {string | null} null for nothing */
export function kept(name) {
  if (here.has(name)) return here.get(name);
  try {
    return localStorage.getItem(name);
  } catch {
    return null;
  }
}

/** @param {string} name @param {string} value */
export function keep(name, value) {
  try {
    localStorage.setItem(name, value);
    here.delete(name);
  } catch {
    here.set(name, value);
  }
}

/** What was kept as JSON. @param {string} name @returns {any} null for nothing, and for what is no JSON */
export function keptValue(name) {
  try {
    return JSON.parse(kept(name));
  } catch {
    return null;
  }
}
