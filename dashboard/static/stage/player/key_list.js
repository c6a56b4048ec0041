// All keys in words, in a dialog that `?` opens and Escape closes; and whether they act by themselves.

import { HOW as TURNING } from "../charts/landscape.js";
import { KEYS as POINTS } from "../hand/points.js";
import { KEYS as START } from "../hand/start.js";
import { button, element, namedButton, put } from "../shared/dom.js";
import { letSingleKeysAct, singleKeysAct, watchSingleKeys } from "../shared/single_keys.js";
import { SHORTCUTS } from "./keyboard.js";

/** What stands on keys that write nothing. */
const CAPS = { " ": "Space", ArrowLeft: "←", ArrowRight: "→", PageUp: "Page Up", PageDown: "Page Down" };

/** Parts of the stage that have keys of their own while they have the focus. */
const PARTS = { "Loss in 3-D": TURNING, "Start by hand": START, "Points by hand": POINTS };

export class KeyList {
  /** @param {HTMLElement} root the stage @param {import("../menu/menu.js").Menu} menu */
  constructor(root, menu) {
    this.menu = menu;
    this.dialog = element("dialog", "keys", root);
    this.dialog.setAttribute("aria-label", "Keys");
    const items = menu.section("Keys");
    this.opener = button(items, "", "", () => this.open());
    this.switch = button(items, "", "Single keys", () => letSingleKeysAct(!singleKeysAct()));
    this.switch.setAttribute("role", "switch");
    this.standing = element("span", "", this.switch);
    // A switch is read out with its state.
    this.standing.setAttribute("aria-hidden", "true");
    this.fill();
    this.tell();
    this.unwatch = watchSingleKeys(() => this.tell());
  }

  fill() {
    const head = element("header", "", this.dialog);
    element("h3", "", head).textContent = "Keys";
    namedButton(head, "", "×", () => this.dialog.close(), "Close");
    const list = element("dl", "", this.dialog);
    for (const { keys, shown, words } of SHORTCUTS) {
      const caps = element("dt", "", list);
      for (const name of shown ? [shown] : keys) element("kbd", "", caps).textContent = CAPS[name] ?? (name.length === 1 ? name.toUpperCase() : name);
      element("dd", "", list).textContent = words;
    }
    element("h3", "", this.dialog).textContent = "While it has the focus";
    for (const [name, words] of Object.entries(PARTS)) {
      const line = element("p", "", this.dialog);
      element("strong", "", line).textContent = name;
      line.append(`: ${words}`);
    }
    // A press beside it closes it too.
    this.dialog.addEventListener("click", ({ target }) => target === this.dialog && this.dialog.close());
  }

  open() {
    if (this.dialog.open) return;
    this.menu.close();
    this.dialog.showModal();
  }

  tell() {
    const act = singleKeysAct();
    put(this.opener, act ? "List of keys (?)" : "List of keys");
    put(this.standing, `: ${act ? "on" : "off"}`);
    this.switch.setAttribute("aria-checked", String(act));
  }

  dispose() {
    this.unwatch();
  }
}
