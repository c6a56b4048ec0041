// The conversation with Streamlit: turns its answers into calls of the stage, and asks for the rows that are missing.
//
// The server may lose the visitor's session: after a cut of two minutes, or when it is started again. It then opens
// the page's link anew, and answers in the name of another visit. The same experiment on the same data is the same
// run, to the last bit: so what is here stays, the playhead included, and only further rows are taken from there.

import { parse } from "../shared/lines.js";
import { askForPage, isCut, watchLine } from "./line.js";

const HURRY_MS = 120; // while the playhead waits for rows
const CALM_MS = 700; // while there are rows left to play
const HIDDEN_MS = 20_000; // in a hidden tab: a sign of life, so that the run goes on
const ANSWER_MS = 3_000; // after which a question counts as lost; twice as long after every one that was
const BLIP_MS = 1_500; // a line that is back sooner is not worth a word

/**
 * What the last stage left when it went from the page, for the next one: the lab and the graph show the same run, and
 * Streamlit clears the page when another installation of the server answers.
 * @type {{visit: string, play: number, runs: string, standing: object} | undefined}
 */
let left;

/** @implements {import("./source.js").Source} */
export class Streamlit {
  constructor() {
    this.questions = Date.now(); // no two stages of a visit ask under the same number
    this.patience = ANSWER_MS;
    /** The query that leads to what is on the stage. */
    this.link = "?";
    /** Whose rows are here: the scenes' names, which say experiment and data. @type {string | undefined} */
    this.runs = left?.runs;
    /** What the visitor wishes and the server has not said to have heard. @type {{number: number}[]} */
    this.wishes = [];
    this.visit = left?.visit;
    this.play = left?.play;
    this.standing = left?.standing;
    this.onVisibility = () => {
      if (!document.hidden && !this.complete) this.askSoon(0);
    };
    document.addEventListener("visibilitychange", this.onVisibility);
    this.unwatch = watchLine((cut) => this.lineChanged(cut));
  }

  /** @param {import("../stage.js").Stage} stage the one that is to be fed */
  feed(stage) {
    this.stage = stage;
    // Streamlit may make a stage anew between a wish and what comes of it.
    Object.assign(stage.rate, this.standing?.rate);
  }

  /** The visitor has seen enough. */
  stop() {
    this.stopping = isCut(); // then it is said when the line is back
    if (!this.stopping) this.send?.("stop", this.runsId);
  }

  /** Numbered, and said again together with the next one until it is heard: Streamlit keeps the last of several. */
  wish(wish) {
    this.questions += 1;
    this.wishes.push({ number: this.questions, ...wish });
    this.sendWishes();
    return this.questions;
  }

  sendWishes() {
    if (this.wishes.length && !isCut() && !this.leaving) this.send?.("wish", this.wishes);
  }

  /** The server can do whatever a stage wishes. */
  fulfils() {
    return true;
  }

  ask() {
    if (this.setStateValue) this.question({ last: this.complete });
  }

  /** The server has answered. Answers may repeat: only rows that continue ours are taken. */
  hear({ data, setStateValue, setTriggerValue }) {
    clearTimeout(this.silence);
    this.patience = ANSWER_MS;
    this.setStateValue = setStateValue;
    this.send = setTriggerValue;
    this.stage.setTheme();
    if (!data) return;
    const { stage } = this;
    for (const [name, scene] of Object.entries(data.scenes)) {
      if (!stage.scenes.has(name)) stage.addScene(name, JSON.parse(scene));
    }
    if (data.runs.some(({ scene }) => !stage.scenes.has(scene))) {
      this.askSoon(0);
      return;
    }
    if (!this.follow(data)) {
      this.askSoon(HURRY_MS);
      return;
    }
    this.link = data.link;
    if (data.view !== this.view) {
      this.view = data.view;
      const alone = data.view === "graph";
      if (alone || stage.graph.large) stage.graph.setLarge(alone, alone);
    }
    if (data.moments) stage.moments.receive(parse(data.moments));
    const rows = rowsOf(data);
    const runs = stage.runs.all;
    stage.receive(
      rows.map((some, i) => (data.runs[i].start === runs[i].columns.count ? some : null)),
      data.runs,
      data.message,
    );
    stage.setSweep(data.sweep, data.losses?.getChild("loss").toArray() ?? null);
    stage.setOthers(data.others);
    const lacking = data.runs.some(({ count }, i) => runs[i].columns.count < count);
    // A server that was started again may have to train what has ended here: only then it can say more of it.
    const ended = data.runs.every(({ count }, i) => runs[i].stop !== null && count >= runs[i].stop.epoch);
    const complete = !lacking && (!data.started || ended) && !stage.sweep.pending && !stage.agreement.pending;
    if (!complete) this.askSoon(lacking ? 0 : stage.player.waiting ? HURRY_MS : CALM_MS);
    else clearTimeout(this.timer);
    this.complete = complete;
  }

  /**
   * Other runs, the same from their start because the visitor asked for it, or those that are here in another visit.
   * Returns whether they are on the stage now: not where what the stage wishes of them is not done yet.
   */
  follow({ visit, play, runsId, runs, started, arrangement, ghost }) {
    const { stage, standing } = this;
    const names = runs.map(({ scene }) => scene).join(" ");
    const lost = this.visit !== undefined && visit !== this.visit;
    const other = names !== this.runs;
    const again = !lost && play !== this.play;
    this.wishes = this.wishes.filter(({ number }) => number > arrangement.heard);
    stage.noteChange(arrangement.change);
    if (stage.rate.awaits(arrangement.change) && this.wishes.some((wish) => "rate_from" in wish)) return false;
    if (standing && !other && !again) stage.resume(standing);
    // What was chosen since is on its way.
    const wished = { ...chosen(this.wishes, arrangement), front: stage.arrangement.front };
    stage.setRuns(runs, this.wishes.length ? { ...arrangement, ...wished } : arrangement, ghost);
    if (again || (other && (lost || standing))) stage.begin(started, again && started ? stage.rate.resume(arrangement.change) : 0);
    Object.assign(this, { visit, play, runsId, runs: names, standing: undefined });
    if (!lost) return true;
    stage.setLine(other ? "back" : "recovered");
    const stopped = stage.runs.all.map(({ stop }) => (stop?.reason === "cancelled" ? stop.epoch : null));
    if (!other && (stage.player.started !== started || stopped.some((epoch) => epoch !== null))) {
      this.send("recover", { started: stage.player.started, stopped });
    }
    return true;
  }

  /** Whether the page is about to be another: a question would ask for this one again. @param {boolean} leaving */
  leave(leaving) {
    this.leaving = leaving;
    if (leaving) clearTimeout(this.timer);
    else this.askSoon(0);
  }

  lineChanged(cut) {
    clearTimeout(this.blip);
    clearTimeout(this.silence);
    if (cut) {
      clearTimeout(this.timer);
      this.blip = setTimeout(() => this.stage.setLine("cut"), BLIP_MS);
      return;
    }
    if (this.stage.line === "cut") this.stage.setLine("back");
    if (!this.setStateValue) return;
    if (this.stopping) this.stop();
    this.sendWishes();
    this.question({ last: this.complete });
    // A session that knows nothing of the page hears no question of ours, and Streamlit asks for the page by itself
    // only if the last thing that ran was a question.
    this.silence = setTimeout(askForPage, ANSWER_MS);
  }

  askSoon(delay) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.question(), document.hidden ? HIDDEN_MS : delay);
  }

  /** Asks for what follows what is here. */
  question({ last = false } = {}) {
    clearTimeout(this.timer);
    if (isCut() || this.leaving) return;
    this.questions += 1;
    const { stage } = this;
    this.setStateValue("have", {
      counts: Object.fromEntries(stage.runs.all.map(({ scene, columns }) => [scene, columns.count])),
      scenes: [...stage.scenes.keys()],
      sweep: stage.sweep?.known?.id ?? null,
      hidden: document.hidden,
      moments: stage.moments.wanted,
      others: stage.agreement.wanted,
      question: this.questions,
    });
    // To ask a busy server again makes it begin its answer anew: a hall that did so would never hear one.
    const patience = Math.max(this.patience, document.hidden ? HIDDEN_MS : 0);
    if (!last) this.timer = setTimeout(() => this.question(), patience);
    this.patience *= 2;
  }

  close() {
    clearTimeout(this.timer);
    clearTimeout(this.blip);
    clearTimeout(this.silence);
    this.unwatch();
    document.removeEventListener("visibilitychange", this.onVisibility);
    const { visit, play, runs } = this;
    if (runs !== undefined) left = { visit, play, runs, standing: this.standing ?? this.stage.standing };
  }
}

/** What of an arrangement is wished for otherwise. */
function chosen(wishes, arrangement) {
  return Object.fromEntries(wishes.flatMap(Object.entries).filter(([name]) => name in arrangement));
}

/** The rows of every run as arrays by name, cut from the one table that holds those of all. */
function rowsOf({ rows, runs }) {
  const columns = rows ? rows.schema.fields.map(({ name }) => [name, rows.getChild(name).toArray()]) : [];
  let end = 0;
  return runs.map(({ sent }) => {
    const begin = end;
    end += sent;
    return sent ? Object.fromEntries(columns.map(([name, values]) => [name, values.subarray(begin, end)])) : null;
  });
}
