// Which of the lecturer's tabs the room sees: one alone, whatever the others show.
//
// Its name stands where all tabs can read it. A tab that is loaded anew has the name that it had.

import { keep, kept } from "../stage/shared/kept.js";
import { newName } from "./names.js";

const SEEN = "lecture tab";

/** A tab that is only loaded anew is back sooner than this. */
const RELOAD_MS = 5000;

export class Tabs {
  /** @param {() => void} changed whether this tab is seen has changed */
  constructor(changed) {
    this.changed = changed;
    this.name = tabName();
    this.listening = new AbortController();
    const { signal } = this.listening;
    addEventListener("storage", ({ key }) => key === SEEN && this.look(), { signal });
    addEventListener("pagehide", () => this.hide(), { signal });
    // A page that the browser had put aside is not closed after all.
    addEventListener("pageshow", () => this.look(0), { signal });
    document.addEventListener("visibilitychange", () => this.look(0), { signal });
    this.look(0);
  }

  hide() {
    rememberName(this.name);
    if (this.seen) keep(SEEN, "");
  }

  get seen() {
    return kept(SEEN) === this.name;
  }

  /** Where none is seen this one is, if somebody looks at it. @param {number} patience milliseconds to wait for another */
  look(patience = RELOAD_MS) {
    clearTimeout(this.waiting);
    if (!kept(SEEN) && !document.hidden) {
      if (!patience) keep(SEEN, this.name);
      else this.waiting = setTimeout(() => this.look(0), patience);
    }
    this.changed();
  }

  /** This tab is the one from now on. */
  take() {
    keep(SEEN, this.name);
    this.changed();
  }

  close() {
    clearTimeout(this.waiting);
    this.listening.abort();
    if (this.seen) keep(SEEN, "");
  }
}

/** For this tab when it is loaded anew: a copy of it is another tab, and must not find it while this one is there. */
function rememberName(name) {
  try {
    sessionStorage.setItem(SEEN, name);
  } catch {
    // Then it has another name.
  }
}

function tabName() {
  let name = null;
  try {
    name = sessionStorage.getItem(SEEN);
    sessionStorage.removeItem(SEEN);
  } catch {
    // Nothing is kept here.
  }
  return name ?? newName(8);
}
