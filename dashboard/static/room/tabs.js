// Which of the lecturer's tabs the room sees: one alone, whatever the others show.

// oxlint-disable unicorn/require-post-message-target-origin -- a channel has no target: all that hear it are this site's

const ANSWER_MS = 250;

export class Tabs {
  /** @param {string} code the room's @param {() => void} changed whether this tab is seen has changed */
  constructor(code, changed) {
    this.changed = changed;
    this.seen = false;
    this.channel = new BroadcastChannel(`lecture ${code}`);
    this.channel.addEventListener("message", ({ data }) => this.hear(data));
    this.onHide = () => this.seen && this.channel.postMessage("free");
    addEventListener("pagehide", this.onHide);
    // A page that the browser had put aside is not closed after all.
    this.onShow = ({ persisted }) => persisted && this.seen && this.channel.postMessage("mine");
    addEventListener("pageshow", this.onShow);
    this.askWhose();
  }

  /** Nobody answers where this is the only one. */
  askWhose() {
    this.channel.postMessage("whose");
    this.waiting = setTimeout(() => this.take(), ANSWER_MS);
  }

  hear(word) {
    if (word === "whose" && this.seen) this.channel.postMessage("mine");
    else if (word === "free" && !document.hidden) this.askWhose();
    else if (word === "mine") {
      clearTimeout(this.waiting);
      if (!this.seen) return;
      this.seen = false;
      this.changed();
    }
  }

  /** This tab is the one from now on. */
  take() {
    clearTimeout(this.waiting);
    this.channel.postMessage("mine");
    this.seen = true;
    this.changed();
  }

  close() {
    clearTimeout(this.waiting);
    removeEventListener("pagehide", this.onHide);
    removeEventListener("pageshow", this.onShow);
    if (this.seen) this.channel.postMessage("free");
    this.channel.close();
  }
}
