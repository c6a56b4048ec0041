// The conversation with Streamlit: turns its answers into calls of the stage, and asks for the rows that are missing.
//
// The server may lose the visitor's session: after a cut of two minutes, or when it is started again. It then opens
// the page's link anew, and answers in the name of another visit. The same experiment on the same data is the same
// run, to the last bit: so what is here stays, the playhead included, and only further rows are taken from there.

import { askForPage, isCut, watchLine } from "./line.js";

const HURRY_MS = 120; // while the playhead waits for rows
const CALM_MS = 700; // while there are rows left to play
const HIDDEN_MS = 20_000; // in a hidden tab: a sign of life, so that the run goes on
const ANSWER_MS = 3_000; // after which a question counts as lost; twice as long after every one that was
const BLIP_MS = 1_500; // a line that is back sooner is not worth a word

/**
 * What the last stage left when it went from the page, for the next one: the lab and the graph show the same run, and
 * Streamlit clears the page when another installation of the server answers.
 * @type {{visit: string, play: number, run: string, standing: object} | undefined}
 */
let left;

/** @implements {import("../stage.js").Source} */
export class Streamlit {
  constructor() {
    this.questions = Date.now(); // no two stages of a visit ask under the same number
    this.patience = ANSWER_MS;
    /** Whose rows are here: the scene's name, which says experiment and data. @type {string | undefined} */
    this.run = left?.run;
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
  }

  /** The visitor has seen enough. */
  stop() {
    this.stopping = isCut(); // then it is said when the line is back
    if (!this.stopping) this.send?.("stop", this.runId);
  }

  /** `stage.moments.wanted` is wanted. */
  look() {
    if (this.setStateValue) this.ask({ last: this.complete });
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
    if (data.scene && data.sceneId !== stage.sceneId) stage.setScene(data.sceneId, JSON.parse(data.scene));
    this.follow(data);
    if (data.view !== this.view) {
      this.view = data.view;
      const alone = data.view === "graph";
      if (alone || stage.graph.large) stage.graph.setLarge(alone, alone);
    }
    if (data.moments) stage.moments.receive(data.moments);
    const rows = data.start === stage.columns.count ? rowsOf(data.rows) : null;
    const count = stage.columns.count + (rows?.b.length ?? 0);
    // A run whose last rows are still to come has not ended here; one that has ended here does not go on.
    if (count >= data.count) this.stopped ??= data.status.stop;
    stage.receive(rows, { ...data.status, stop: this.stopped });
    const lacking = count < data.count || data.sceneId !== stage.sceneId;
    // A server that was started again may have to train what has ended here: only then it can say more of it.
    const complete = !lacking && (!data.started || (this.stopped !== null && data.count >= this.stopped.epoch));
    if (!complete) this.askSoon(lacking ? 0 : stage.player.waiting ? HURRY_MS : CALM_MS);
    else clearTimeout(this.timer);
    this.complete = complete;
  }

  /** Another run, the same from its start because the visitor asked for it, or the one that is here in another visit. */
  follow({ visit, play, sceneId, runId, started, epochs }) {
    const { stage, standing } = this;
    const lost = this.visit !== undefined && visit !== this.visit;
    const again = !lost && play !== this.play;
    const other = sceneId !== this.run;
    if (other || again) {
      this.stopped = null;
      stage.begin(epochs, started, !other);
    } else if (standing) {
      this.stopped = standing.run.stop;
      stage.resume(standing);
    }
    Object.assign(this, { visit, play, runId, run: sceneId, standing: undefined });
    if (!lost) return;
    stage.setLine(other ? "back" : "recovered");
    const stopped = this.stopped?.reason === "cancelled" ? this.stopped.epoch : null;
    if (!other && (stage.player.started !== started || stopped !== null)) {
      this.send("recover", { started: stage.player.started, stopped });
    }
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
    this.ask({ last: this.complete });
    // A session that knows nothing of the page hears no question of ours, and Streamlit asks for the page by itself
    // only if the last thing that ran was a question.
    this.silence = setTimeout(askForPage, ANSWER_MS);
  }

  askSoon(delay) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.ask(), document.hidden ? HIDDEN_MS : delay);
  }

  ask({ last = false } = {}) {
    clearTimeout(this.timer);
    if (isCut()) return;
    this.questions += 1;
    const { stage } = this;
    this.setStateValue("have", {
      rows: this.run ?? null,
      count: stage.columns.count,
      scene: stage.sceneId ?? null,
      hidden: document.hidden,
      moments: stage.moments.wanted,
      question: this.questions,
    });
    // To ask a busy server again makes it begin its answer anew: a hall that did so would never hear one.
    const patience = Math.max(this.patience, document.hidden ? HIDDEN_MS : 0);
    if (!last) this.timer = setTimeout(() => this.ask(), patience);
    this.patience *= 2;
  }

  end() {
    clearTimeout(this.timer);
    clearTimeout(this.blip);
    clearTimeout(this.silence);
    this.unwatch();
    document.removeEventListener("visibilitychange", this.onVisibility);
    const { visit, play, run } = this;
    if (run !== undefined) left = { visit, play, run, standing: this.standing ?? this.stage.standing };
  }
}

/** An Arrow table as arrays by name. */
function rowsOf(table) {
  if (!table) return null;
  return Object.fromEntries(table.schema.fields.map(({ name }) => [name, table.getChild(name).toArray()]));
}
