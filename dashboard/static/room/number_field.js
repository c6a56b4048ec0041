// A field for a number of a lecture: it takes decimal commas as the lab's do, and says nothing by itself.

import { element } from "../stage/shared/dom.js";

/**
 * @param {HTMLElement} parent @param {string} words what it is for
 * @param {object} [own] further properties of the field
 * @returns {HTMLInputElement}
 */
export function numberField(parent, words, own = {}) {
  const label = element("label", "", parent);
  element("span", "", label).textContent = words;
  return Object.assign(element("input", "", label), { type: "number", step: "any", autocomplete: "off", ...own });
}
