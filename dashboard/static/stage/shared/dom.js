// Small steps in the page's tree that several parts take.

/** A new element within a parent. */
export function element(tag, className, parent) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  parent?.append(made);
  return made;
}

/** A new button within a parent, with a tooltip where there is a title. */
export function button(parent, className, text, act, title) {
  const made = element("button", className, parent);
  made.type = "button";
  if (text) made.textContent = text;
  if (title) made.title = title;
  made.addEventListener("click", act);
  return made;
}

/** The same where its text does not say what it does: the name says it. */
export function namedButton(parent, className, text, act, name) {
  const made = button(parent, className, text, act, name);
  made.setAttribute("aria-label", name);
  return made;
}

/** Writes only what differs: the same again would make the browser work every frame. */
export function put(target, content) {
  if (target && target.textContent !== content) target.textContent = content;
}
