// Which of the lecturer's tabs the room sees: one alone, whatever the others show.
//
// Its name stands where all tabs can read it. A tab that is loaded anew has the name that it had.

import { keep, kept } from "../stage/shared/kept.js";
import { newName } from "./names.js";
import { remember, take } from "./tab_memory.js";

const SEEN = "lecture tab";

/** A tab that is only loaded anew is back sooner than this. */
const RELOAD_MS = 5000;

export class Tabs {
  /** @param {() => void} changed whether this tab is seen has changed */
  constructor(changed) {
    this.changed = changed;
    // A copy of this tab is another one, and must not find its name while this one is there.
    this.name = take(SEEN) ?? newName(8);
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
    remember(SEEN, this.name);
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
