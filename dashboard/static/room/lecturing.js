// The lecture as its lecturer has it: one button in the sidebar; once it is pressed the room's code, who is there, and
// what can be done with a hall.

import { button, element, namedButton, put } from "../stage/shared/dom.js";
import { understandCommas } from "../stage/shared/commas.js";
import { keep, keptValue } from "../stage/shared/kept.js";
import { popover } from "../stage/shared/popover.js";
import { stageOnPage } from "../stage/on_page.js";
import { Asking } from "./asking/asking.js";
import { Door } from "./door.js";
import { KEPT, loadStyle } from "./lecture.js";
import { Presenting } from "./presenting.js";
import { LecturersRoom } from "./room.js";
import { Tabs } from "./tabs.js";
import { Turning } from "./turn/turning.js";

const LOOK_MS = 1000;

const WORDS = {
  elsewhere: "The room sees another tab of yours.",
  apart: "The servers do not reach one another: followers on another one see what you show once they do.",
  end: "End lecture",
};

for (const name of ["asking/asking.css", "turn/turn.css"]) loadStyle(new URL(name, import.meta.url));

export class Lecture {
  constructor() {
    /** @type {LecturersRoom | null} */
    this.room = null;
    /** What the room has told of itself last. @type {object} */
    this.looked = { here: 0 };
    /** What followers are told beside what is on the page: parts of a state. */
    this.saying = {};
    /** Called with what the room tells of itself. @type {((looked: object) => void)[]} */
    this.listeners = [];
    this.place = { page: "", chapter: "", mistake: "" };
    this.problem = "";
    this.projected = "";
    this.problems = { telling: "", looking: "" };
    this.presenting = new Presenting(
      () => this.room,
      () => this.place,
      () => this.saying,
      (refused) => this.heard(refused, "telling"),
    );
    understandCommas(); // the course has no stage that does
    this.base = new URL("room", document.baseURI).pathname;
    /** Called once the page has said anew what it shows. @type {(() => void)[]} */
    this.looks = [];
    this.makePanel();
    this.asking = new Asking(this);
    this.turning = new Turning(this);
    this.resume();
    // Another tab has opened or ended a lecture.
    addEventListener("storage", ({ key }) => key === KEPT && this.resume());
  }

  /** @param {HTMLElement} root where it stands now @param {object} place which page that is */
  show(root, place) {
    this.place = place;
    this.root = root;
    for (const done of this.looks.splice(0)) done();
    this.update();
  }

  /**
   * Has the page say anew what it shows: some of it changes without a word to the lecture.
   * @param {number} patience ms after which it stays at what was said last
   */
  lookAtPage(patience) {
    return new Promise((done) => {
      this.looks.push(done);
      setTimeout(done, patience);
      this.setStateValue?.("look", (this.place.look ?? 0) + 1);
    });
  }

  makePanel() {
    this.panel = element("section", "lecture");
    this.panel.setAttribute("aria-label", "Lecture");
    this.opener = button(this.panel, "opener", "Lecture", () => this.open(), "Open a room in which a hall follows this page");
    this.line = element("div", "line", this.panel);
    this.code = button(this.line, "room-code", "", () => this.door.show(), "Show the code and its picture large");
    this.here = element("span", "here", this.line);
    this.here.setAttribute("role", "status");
    this.menu = namedButton(this.line, "more", "⋯", () => {}, "More of the lecture");
    this.inside = popover(this.menu, this.panel, "Lecture");
    const { inside } = this;
    this.words = element("p", "words", inside);
    this.words.setAttribute("role", "status");
    this.take = button(inside, "", "Show this tab", () => this.tabs?.take(), "The room sees this tab from now on");
    /** What can be done with a hall. */
    this.tools = element("div", "tools", inside);
    this.point = button(this.tools, "", "Point", () => this.pointAtOnce(), "Followers see where the pointer is on the charts");
    this.point.setAttribute("aria-pressed", "false");
    this.ending = button(inside, "", "End lecture", () => this.askToEnd(), "Everybody's page stops following");
    inside.addEventListener("toggle", () => put(this.ending, WORDS.end));
    this.said = element("p", "problem", this.panel);
    this.said.setAttribute("role", "alert");
    this.said.hidden = true;
    this.door = new Door(this.panel);
  }

  pointAtOnce() {
    this.presenting.points = !this.presenting.points;
    this.point.setAttribute("aria-pressed", String(this.presenting.points));
  }

  async open() {
    if (this.opening) return;
    this.opening = true;
    this.problem = "";
    this.update();
    try {
      this.enter(await LecturersRoom.open(this.base));
      this.tabs.take(); // whichever was seen of a lecture before this one
      keep(KEPT, JSON.stringify({ code: this.room.code, secret: this.room.secret }));
      this.door.show();
    } catch (refused) {
      // Where a host passes on nothing but Streamlit's own addresses, something else has answered.
      this.problem = refused.message || `This server can open no room. Give your students this link instead: ${location.href}`;
    }
    this.opening = false;
    this.update();
  }

  /** What this browser has kept of a lecture that goes on. */
  async resume() {
    const known = remembered();
    if (known?.code === this.room?.code) return;
    this.leave();
    if (known) await this.comeBack(known);
    this.update();
  }

  /** By code and secret: the server may be another one by now, or the same. */
  async comeBack(known) {
    if (this.coming) return;
    this.coming = true;
    try {
      const room = await LecturersRoom.open(this.base, known);
      if (remembered()?.code === known.code) this.enter(room); // and no other one meanwhile
    } catch (refused) {
      // A secret that is not believed now will never be.
      if (refused.status === 403) this.forget();
      else setTimeout(() => this.resume(), 3 * LOOK_MS);
      this.problem = refused.message;
    }
    this.coming = false;
    this.update();
  }

  enter(room) {
    if (this.room?.code !== room.code) this.leave();
    this.room = room;
    this.problem = "";
    this.door.fill(room);
    this.tabs ??= new Tabs(() => this.seenChanged());
    this.seenChanged();
    this.timer ??= setInterval(() => this.look(), LOOK_MS);
    this.asking.enter(room.code);
    this.turning.enter(room.code);
    this.presenting.again();
    this.look();
  }

  leave() {
    this.presenting.stop();
    clearInterval(this.timer);
    this.tabs?.close();
    Object.assign(this, { room: null, timer: undefined, tabs: undefined, saying: {}, looked: { here: 0 } });
    this.door.close();
    this.project("");
  }

  /** Nothing of the room stays in this browser. */
  forget() {
    keep(KEPT, "");
    this.leave();
    this.asking.end();
    this.turning.end();
  }

  /** What stands above the projector's panels. A scene has words of its own there until something is asked. */
  project(question) {
    if (question !== this.projected) stageOnPage()?.projector.say({ question });
    this.projected = question;
  }

  /** In the sidebar, or where the projector has taken its place in the line above the panels. */
  stand() {
    const stage = stageOnPage();
    const wanted = this.room && stage?.projector.on ? stage.status.root : this.root;
    if (!wanted || this.panel.parentElement === wanted) return;
    if (wanted === this.root) wanted.replaceChildren(this.panel);
    else wanted.append(this.panel);
  }

  seenChanged() {
    if (!this.tabs) return; // it is just being made
    if (this.tabs.seen) this.presenting.start();
    else this.presenting.stop();
    this.update();
  }

  look() {
    if (!this.isEnding) this.looking = this.hearOfRoom();
    return this.looking;
  }

  async hearOfRoom() {
    try {
      this.looked = await this.room.look(this.turning.known);
      this.heard(null, "looking");
      for (const listener of this.listeners) listener(this.looked);
    } catch (refused) {
      this.heard(refused, "looking");
    }
    this.update();
  }

  /** How the server has taken what it was told, or asked. @param {"telling" | "looking"} which */
  heard(refused, which) {
    if (!this.room) return;
    if (which === "telling" && refused?.status === 422 && this.turning.refused()) return;
    this.problems[which] = refused && refused.status !== 429 ? refused.message : "";
    this.problem = this.problems.telling || this.problems.looking;
    const { code, secret } = this.room;
    // One server of several may not know of the room, and not be able to ask the others.
    if ([404, 502].includes(refused?.status)) this.comeBack({ code, secret });
    this.update();
  }

  /** Nothing leads back: a second press ends it. */
  askToEnd() {
    const { here } = this.looked;
    const sure = `End it for ${here === 1 ? "the one who is" : `all ${here} who are`} here`;
    if (!here || this.ending.textContent === sure) this.end();
    else put(this.ending, sure);
  }

  async end() {
    this.inside.hidePopover();
    this.isEnding = true; // nobody looks for what is just gone
    try {
      await this.looking;
      await this.room.end();
    } catch (refused) {
      // One that is gone, or another's, has ended for this lecturer.
      if (![403, 404].includes(refused.status)) {
        this.heard(refused, "telling");
        return;
      }
    } finally {
      this.isEnding = false;
    }
    this.forget();
    this.update();
  }

  update() {
    const { room, tabs } = this;
    this.stand();
    this.opener.hidden = Boolean(room);
    this.opener.disabled = Boolean(this.opening);
    this.line.hidden = !room;
    this.panel.classList.toggle("on", Boolean(room));
    const elsewhere = room && tabs && !tabs.seen;
    const apart = room && this.looked.together === false ? WORDS.apart : "";
    put(this.said, this.problem || (elsewhere ? WORDS.elsewhere : apart));
    this.said.hidden = !this.said.textContent;
    this.asking.update();
    this.turning.update();
    if (!room) return;
    put(this.code, room.code);
    put(this.here, `${this.looked.here} here`);
    put(this.words, elsewhere ? WORDS.elsewhere : `The room sees ${this.presenting.inWords}.`);
    this.take.hidden = !elsewhere;
    this.door.say(this.looked.here);
    this.project(this.saying.question?.text ?? "");
  }
}

/** @returns {{code: string, secret: string} | null} what this browser has kept, if it makes sense */
function remembered() {
  const { code, secret } = keptValue(KEPT) ?? {};
  return typeof code === "string" && typeof secret === "string" ? { code, secret } : null;
}
