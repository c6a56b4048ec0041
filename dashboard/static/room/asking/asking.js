// The lecturer asks: what the room is asked, what comes of it, and when all see it.

import { saveText } from "../../stage/takeaway/files.js";
import { stageOnPage } from "../../stage/on_page.js";
import { newName } from "../names.js";
import { AskPanel } from "./ask_panel.js";
import { Asked, ASKED } from "./asked.js";
import { aboutRuns, isOwn, ofCells } from "./prepared.js";
import { questionsCsv } from "./questions_csv.js";
import { serverNow } from "./server_clock.js";
import { runsOf } from "./stage_runs.js";
import { Strip } from "./strip.js";
import { truthOf } from "./truth.js";

/** How long the page may take to say what is true in its cells. */
const LOOK_MS = 3000;

const ELSEWHERE = "Not known here: show the chapter that was asked about, and press Reveal.";

export class Asking {
  /** @param {import("../lecturing.js").Lecture} lecture */
  constructor(lecture) {
    this.lecture = lecture;
    this.asked = new Asked();
    this.panel = new AskPanel(lecture.tools, {
      prepared: () => this.prepared,
      ask: (question, seconds) => this.ask(question, seconds),
      any: () => this.asked.list.length > 0,
      save: () => saveText(`questions-${this.asked.code}.csv`, questionsCsv(this.asked.list), "text/csv"),
    });
    this.strip = new Strip(lecture.panel, {
      reveal: (anyway) => this.reveal(anyway),
      putAway: () => this.putAway(),
      mark: (right) => this.mark(right),
    });
    lecture.listeners.push((looked) => this.hear(looked));
    addEventListener("storage", ({ key }) => key === ASKED && lecture.room && this.enter(lecture.room.code));
  }

  /** Goes on with what was asked in this room. @param {string} code */
  enter(code) {
    this.asked.enter(code);
    this.tell();
  }

  /** Whatever fits what is on the page. */
  get prepared() {
    const { chapter, questions = [] } = this.lecture.place;
    const cells = ofCells(chapter, questions);
    const runs = aboutRuns(runsOf(stageOnPage()), stageOnPage()?.runs.front ?? 0);
    return [
      ...(runs.length ? [{ heading: "About what is on the stage", asked: runs }] : []),
      ...cells.map((cell) => ({ heading: cell.title, asked: [cell] })),
    ];
  }

  /** @param {import("./prepared.js").Prepared} prepared @param {number} seconds to answer; 0 for as long as it takes */
  ask({ text, kind, choices, unit, about }, seconds) {
    const { tabs } = this.lecture;
    if (!tabs.seen) tabs.take(); // it is about what this tab shows
    this.lecture.inside.hidePopover();
    if (!isOwn(about) && about.what !== "cell") backFromTheEnd();
    const question = { id: newName(8), text, kind, ...(choices && { choices }), ...(unit && { unit }) };
    if (seconds) question.until = Math.round(serverNow() + 1000 * seconds);
    this.asked.add({ question, about, at: new Date(serverNow()).toISOString(), counts: null });
    this.tell();
  }

  /** All see what was answered, and what is true. @param {boolean} anyway even where that is not known */
  async reveal(anyway) {
    const entry = this.asked.current;
    const truth = anyway ? null : await this.truthOf(entry);
    if (entry !== this.asked.current) return;
    if (truth && !truth.known) {
      this.strip.say(truth.words);
      return;
    }
    const { until: _, ...question } = entry.question;
    entry.question = { ...question, revealed: true, truth: truth?.truth ?? null, ...(truth?.words && { words: truth.words }) };
    this.asked.keep();
    this.tell();
  }

  /** @param {import("./asked.js").Entry} entry @returns {Promise<import("./truth.js").Truth>} */
  async truthOf({ about, right }) {
    if (isOwn(about)) return { known: true, truth: right ?? null, words: "" };
    if (about.what !== "cell") return truthOf(about, runsOf(stageOnPage()));
    await this.lecture.lookAtPage(LOOK_MS);
    const { chapter, questions = [] } = this.lecture.place;
    const cell = chapter === about.chapter ? questions.find((one) => one.cell === about.cell) : undefined;
    return cell ? { known: true, truth: cell.answer, words: "" } : { known: false, truth: null, words: ELSEWHERE };
  }

  /** What is right of a question of the lecturer's own. @param {string | number | null} right */
  mark(right) {
    const entry = this.asked.current;
    entry.right = right;
    if (entry.question.revealed) entry.question = { ...entry.question, truth: right };
    this.asked.keep();
    this.tell();
  }

  putAway() {
    this.asked.putAway();
    this.tell();
    this.lecture.menu.focus({ preventScroll: true });
  }

  /** What the room tells of its answers. */
  hear({ answers = [] }) {
    this.asked.count(answers);
    this.update();
  }

  /** The room is to know what is asked now. */
  tell() {
    const { lecture } = this;
    lecture.saying.question = this.asked.current?.question ?? null;
    lecture.presenting.look();
    this.update();
  }

  /** The room has ended: nothing of it stays. */
  end() {
    this.asked.forget();
    this.asked.keep();
  }

  update() {
    const { room, tabs, looked } = this.lecture;
    this.strip.show(room && tabs?.seen ? this.asked.current : null, looked.here);
  }
}

/** Nobody predicts what they see: a run that is looked at where it has ended is looked at from its start. */
function backFromTheEnd() {
  const player = stageOnPage()?.player;
  if (!["finished", "diverged"].includes(player?.state)) return;
  player.pause();
  player.seek(0);
}
