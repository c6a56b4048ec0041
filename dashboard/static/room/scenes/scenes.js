// The list of scenes as a part of the page: to record, order, edit, play, and take along.

import { element, button, namedButton, put } from "../../stage/shared/dom.js";
import { saveText } from "../../stage/takeaway/files.js";
import { read, readFile, written } from "./file.js";
import { recorded } from "./recording.js";
import { asked, LENGTHS } from "./scene.js";
import { askRoom, hasRoom, manner, play, scenes } from "./show.js";

const styles = Object.assign(document.createElement("link"), { rel: "stylesheet", href: new URL("scenes.css", import.meta.url).href });
document.head.append(styles);

/** @param {HTMLElement} parent */
export const showScenes = (parent) => new Scenes(parent);

/** Plays a scene, and has the list leave the page to it. */
function start(number) {
  for (const open of document.querySelectorAll(":popover-open")) open.hidePopover();
  play(number);
}

export class Scenes {
  /** @param {HTMLElement} parent */
  constructor(parent) {
    this.root = element("section", "lab-scenes", parent);
    this.root.setAttribute("aria-label", "Scenes");
    const tools = element("div", "tools", this.root);
    button(tools, "", "Record", () => this.record(), "Adds what is on the page now, with its epoch");
    button(tools, "", "The lesson", () => this.ready(), "The ready list for the whole lesson of the course");
    this.file = element("input", "", tools);
    Object.assign(this.file, { type: "file", accept: ".json,application/json", hidden: true });
    this.file.addEventListener("change", () => this.load());
    button(tools, "", "Open file…", () => this.file.click(), "A list that was saved as a file");
    this.save = button(tools, "", "Save file", () => saveText("scenes.json", written(scenes.scenes), "application/json"), "The list as a file");
    const label = element("label", "", tools);
    const box = element("input", "", label);
    Object.assign(box, { type: "checkbox", checked: manner.projected });
    box.addEventListener("input", () => {
      manner.projected = box.checked;
    });
    label.append("fill the window");
    this.message = element("p", "message", this.root);
    this.message.setAttribute("role", "status");
    this.list = element("ol", "", this.root);
    /** The place of the scene that is edited. @type {number | null} */
    this.edited = null;
    /** The one that is dragged. @type {number | null} */
    this.dragged = null;
    // With the stage that it was on it is gone.
    this.unwatch = scenes.watch(() => (this.root.isConnected ? this.show() : this.dispose()));
    this.show();
  }

  record() {
    if (scenes.full) return this.say(`There is room for ${scenes.scenes.length} scenes: take one out first.`);
    const place = scenes.add(recorded());
    this.edited = place;
    this.show();
    this.say(`Recorded as scene ${place + 1}.`);
    this.list.children[place].querySelector("input").select();
  }

  async ready() {
    const answer = await fetch(new URL("lesson.json", import.meta.url)).catch(() => null);
    if (!answer?.ok) return this.say("The lesson cannot be had now: the line to the server is cut. Try again when it is back.");
    this.take(read(await answer.text()), "The lesson");
  }

  async load() {
    const [file] = this.file.files;
    this.file.value = ""; // so that the same can be chosen again
    if (!file) return;
    try {
      this.take(await readFile(file), file.name);
    } catch (error) {
      this.say(error.message);
    }
  }

  /** Another list in the place of the present one, which can be had back. */
  take(others, name) {
    const before = scenes.scenes;
    this.edited = null;
    scenes.set(others, null);
    this.say(`${name}: ${others.length} scenes. PageDown and PageUp lead on and back once one is played.`);
    if (before.length) button(this.message, "", "Undo", () => (scenes.set(before, null), this.say("The list is as it was.")));
  }

  say(words) {
    put(this.message, words);
  }

  show() {
    this.save.disabled = !scenes.scenes.length;
    const focused = this.list.contains(document.activeElement) ? focusOf(document.activeElement) : null;
    this.list.replaceChildren(...scenes.scenes.map((scene, i) => this.row(scene, i)));
    if (focused) this.list.children[focused.row]?.querySelector(`[data-part="${focused.part}"]`)?.focus();
    // Only the list: the page must not run away.
    const row = this.list.children[scenes.current ?? -1];
    if (row && !focused) this.list.scrollTop = row.offsetTop - this.list.offsetTop - this.list.clientHeight / 3;
  }

  row(scene, i) {
    const row = element("li");
    row.draggable = this.edited !== i;
    row.classList.toggle("current", i === scenes.current);
    const line = element("div", "line", row);
    const title = part(button(line, "title", `${i + 1}  ${scene.title}`, () => start(i), "Play this scene"), "play");
    if (i === scenes.current) title.setAttribute("aria-current", "true");
    const edit = part(namedButton(line, "", "✎", () => this.edit(i), `Edit scene ${i + 1}`), "edit");
    edit.setAttribute("aria-expanded", String(this.edited === i));
    if (this.edited === i) this.fields(scene, i, row);
    else if (i === scenes.current) this.words(scene, row);
    row.addEventListener("dragstart", (event) => {
      this.dragged = i;
      event.dataTransfer.effectAllowed = "move";
    });
    row.addEventListener("dragover", (event) => this.dragged !== null && event.preventDefault());
    row.addEventListener("drop", (event) => {
      event.preventDefault();
      if (this.dragged !== null) scenes.move(this.dragged, i);
      this.dragged = null;
    });
    row.addEventListener("dragend", () => {
      this.dragged = null;
    });
    return row;
  }

  /** What the lecturer wants to say, and to ask. */
  words({ notes, question }, row) {
    if (notes) element("p", "notes", row).textContent = notes;
    if (!question) return;
    const line = element("p", "question", row);
    line.textContent = question.text;
    if (hasRoom()) button(line, "", "Ask", () => askRoom(question), "Asks those who have joined the room");
  }

  edit(i) {
    this.edited = this.edited === i ? null : i;
    this.show();
  }

  fields(scene, i, row) {
    const form = element("div", "fields", row);
    field(form, "Title", scene.title, LENGTHS.title, (title) => title.trim() && scenes.change(i, { title: title.trim() }));
    field(form, "Notes", scene.notes, LENGTHS.notes, (notes) => scenes.change(i, { notes }));
    field(form, "Question", scene.question?.text ?? "", LENGTHS.question, (text) => {
      const question = text.trim() ? { ...(scene.question ?? asked("")), text: text.trim() } : null;
      scenes.change(i, { question });
    });
    const buttons = element("div", "tools", form);
    const up = part(namedButton(buttons, "", "↑", () => this.move(i, i - 1), `Move scene ${i + 1} up`), "up");
    const down = part(namedButton(buttons, "", "↓", () => this.move(i, i + 1), `Move scene ${i + 1} down`), "down");
    up.disabled = i === 0;
    down.disabled = i === scenes.scenes.length - 1;
    part(button(buttons, "", "Record over", () => this.recordOver(i), "This scene shows what is on the page now"), "over");
    part(button(buttons, "", "Delete", () => this.remove(i), `Takes scene ${i + 1} out`), "delete");
  }

  move(from, to) {
    const focused = focusOf(document.activeElement);
    this.edited = to;
    scenes.move(from, to);
    const row = this.list.children[to];
    const same = row.querySelector(`[data-part="${focused.part}"]:enabled`);
    (same ?? row.querySelector("[data-part='edit']")).focus();
  }

  recordOver(i) {
    const { title, notes, question } = scenes.scenes[i];
    scenes.change(i, { ...recorded(), title, notes, question });
    this.say(`Scene ${i + 1} shows what is on the page now.`);
  }

  remove(i) {
    const [before, current] = [scenes.scenes, scenes.current];
    this.edited = null;
    scenes.remove(i);
    this.say(`“${before[i].title}” is taken out. `);
    button(this.message, "", "Undo", () => (scenes.set(before, current), this.say("It is back.")));
  }

  dispose() {
    this.unwatch();
  }
}

function part(made, name) {
  made.dataset.part = name;
  return made;
}

/** Where in the list the focus is, in words that hold when it is made anew. */
function focusOf(focused) {
  const row = focused?.closest("li");
  return { row: row ? [...row.parentElement.children].indexOf(row) : -1, part: focused?.dataset.part ?? "" };
}

/** A line of text with its name. @param {(text: string) => void} changed once it is left, or Enter is pressed */
function field(parent, name, text, most, changed) {
  const label = element("label", "", parent);
  label.append(name);
  const input = part(element("input", "", label), name.toLowerCase());
  Object.assign(input, { type: "text", value: text, maxLength: most });
  input.addEventListener("change", () => changed(input.value));
}
