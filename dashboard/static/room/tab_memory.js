// What is kept for this tab alone, and no longer than it is open.

/** @type {Map<string, string>} */
const here = new Map();

/** @param {string} name @returns {any} what was kept, null for nothing */
export function recall(name) {
  try {
    return JSON.parse(here.get(name) ?? sessionStorage.getItem(name));
  } catch {
    return null;
  }
}

/** @param {string} name @param {any} value as JSON has it */
export function remember(name, value) {
  const text = JSON.stringify(value);
  try {
    sessionStorage.setItem(name, text);
    here.delete(name);
  } catch {
    here.set(name, text);
  }
}

/** What was kept, which from now on is not: a copy of this tab does not find it. @param {string} name @returns {any} null for nothing */
export function take(name) {
  const found = recall(name);
  here.delete(name);
  try {
    sessionStorage.removeItem(name);
  } catch {
    // Nothing is kept there.
  }
  return found;
}
