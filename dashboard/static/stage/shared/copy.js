// What is copied from the stage pastes as numbers: into a program, a table, a search.

import { plain } from "./format.js";

/** Listens to `copy`. @param {ClipboardEvent} event */
export function copyPlainly(event) {
  const text = String(document.getSelection());
  if (!text) return;
  event.clipboardData.setData("text/plain", plain(text));
  event.preventDefault();
}
