// Small steps in the page's tree that several parts take.

/** A new element within a parent. */
export function element(tag, className, parent) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  parent?.append(made);
  return made;
}

/** Writes only what differs: the same again would make the browser work every frame. */
export function put(target, content) {
  if (target && target.textContent !== content) target.textContent = content;
}
