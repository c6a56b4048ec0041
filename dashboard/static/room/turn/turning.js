// *Your turn*, as the lecturer has it: everybody tries something of their own, and the hall itself becomes the sweep.

import { stageOnPage } from "../../stage/on_page.js";
import { button, element, put } from "../../stage/shared/dom.js";
import { keep, keptValue } from "../../stage/shared/kept.js";
import { Foot } from "../foot.js";
import { newName } from "../names.js";
import { askedInWords, Results } from "./results.js";
import { TurnPanel } from "./turn_panel.js";

/** The name under which this browser keeps the turn, for a reload and another tab. */
const KEPT = "lecture-turn";

/** Between two looks at the room while some of its runs have not ended. */
const SOON_MS = 250;

export class Turning {
  /** @param {import("../lecturing.js").Lecture} lecture */
  constructor(lecture) {
    this.lecture = lecture;
    /** What the room is told of it; null for none. @type {object | null} */
    this.turn = null;
    this.results = new Results();
    this.panel = new TurnPanel(lecture.tools, {
      offer: () => lecture.room.offer(),
      begin: (turn) => this.begin(turn),
    });
    this.foot = new Foot(lecture.panel, "turned", "Your turn");
    const line = element("div", "line", this.foot.root);
    this.text = element("p", "text", line);
    this.people = element("span", "people", line);
    const acts = element("div", "acts", line);
    this.ending = button(acts, "main", "End turn", () => this.showAll(), "Nobody tries anything else, and all see what became of it");
    this.closing = button(acts, "", "", () => this.close());
    this.best = element("p", "said", this.foot.root);
    this.best.setAttribute("role", "status");
    lecture.listeners.push((looked) => this.hear(looked));
    addEventListener("storage", ({ key }) => key === KEPT && lecture.room && this.enter(lecture.room.code));
  }

  /** What is known of the last turn, so that the room tells the rest. */
  get known() {
    return { of: this.results.token, turn: this.results.changes };
  }

  /** Goes on with the turn that there is in this room. @param {string} code */
  enter(code) {
    this.turn = remembered(code);
    this.tell();
  }

  /** @param {object} bounds of which field they are, and from where to where */
  async begin(bounds) {
    const { tabs, inside, presenting } = this.lecture;
    if (!tabs.seen) tabs.take(); // it is about what this tab shows
    const turn = { id: newName(8), ...bounds };
    try {
      await presenting.tell({ turn });
    } catch (refused) {
      return this.panel.say(refused.message);
    }
    inside.hidePopover();
    this.results.forget();
    Object.assign(this, { turn, hall: null });
    this.keepAndTell();
    return this.showAxis();
  }

  /** Rates have their places in the sweep over rates, and their losses where runs end; starts have theirs on the surface. */
  showAxis() {
    const stage = stageOnPage();
    if (!stage) return;
    if (this.turn.field !== "learning_rate") {
      if (stage.sweep?.on) stage.wish({ sweep: "" });
      return;
    }
    if (stage.sweep?.told?.field !== "learning_rate") stage.wish({ sweep: "learning_rate" });
    if (stage.player.started) {
      stage.player.pause();
      stage.player.seek(stage.player.last);
    }
  }

  /** Nothing else is tried, and all see what became of it. */
  showAll() {
    this.turn = { ...this.turn, shown: true };
    this.hall = this.results.hall(false);
    this.keepAndTell();
    this.closing.focus({ preventScroll: true }); // the button that was pressed is gone
  }

  close() {
    this.turn = null;
    this.results.forget();
    this.keepAndTell();
    this.lecture.menu.focus({ preventScroll: true });
  }

  /** A server that has forgotten the turn takes it no more: then there is none. @returns {boolean} whether it may be that */
  refused() {
    if (!this.turn || this.turn.id === this.results.id) return false;
    this.close();
    return true;
  }

  keepAndTell() {
    keep(KEPT, JSON.stringify({ code: this.lecture.room.code, turn: this.turn }));
    this.tell();
  }

  /** The room is to know whose turn it is. */
  tell() {
    const { lecture } = this;
    lecture.saying.turn = this.turn;
    lecture.presenting.look();
    this.update();
  }

  /** What the room tells of the turn that it has, or had last. */
  hear({ turn }) {
    if (!this.turn || turn?.id !== this.turn.id) return;
    if (this.results.receive(turn) || !this.hall) this.hall = this.results.hall(!this.turn.shown);
    this.update();
    // What trains now is soon there.
    clearTimeout(this.soon);
    if (this.results.training) this.soon = setTimeout(() => this.lecture.room && this.lecture.look(), SOON_MS);
  }

  /** The room has ended: nothing of it stays. */
  end() {
    this.turn = null;
    this.results.forget();
    keep(KEPT, "");
    this.update();
  }

  update() {
    const { lecture, turn, results } = this;
    const { room, tabs, looked, saying } = lecture;
    const on = Boolean(room && tabs?.seen && turn);
    // A question comes first: there is one foot.
    this.foot.show(on && !saying.question);
    this.draw(on && results.id === turn.id ? this.hall : null);
    if (!on) return;
    put(this.text, `Your turn: ${askedInWords(turn)}`);
    put(this.people, `${results.answered} of ${Math.max(looked.here, results.answered)} answered`);
    put(this.best, results.inWords);
    this.foot.root.dataset.ended = String(results.points.length);
    this.ending.hidden = Boolean(turn.shown);
    put(this.closing, turn.shown ? "Close" : "Withdraw");
  }

  /** On whatever stage is on the page now. */
  draw(hall) {
    const stage = stageOnPage();
    if (!stage || (hall === this.drawn && stage === this.stage)) return;
    Object.assign(this, { drawn: hall, stage });
    stage.setHall(hall ?? null);
  }
}

/** @param {string} code @returns {object | null} what this browser has kept of a turn in this room */
function remembered(code) {
  const known = keptValue(KEPT);
  return known?.code === code ? known.turn : null;
}
