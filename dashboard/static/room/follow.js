// A follower's page: a stage that follows the room, what the lecturer reads out beside it, and a line of words below.

import { understandCommas } from "../stage/shared/commas.js";
import { copyPlainly } from "../stage/shared/copy.js";
import { button, element, put } from "../stage/shared/dom.js";
import { Room } from "../stage/sources/room.js";
import { Stage } from "../stage/stage.js";
import { QuestionCard } from "./asking/card.js";
import { Reading } from "./reading.js";
import { TurnCard } from "./turn/card.js";

const WORDS = {
  following: "Following the lecture",
  around: "Looking around",
  over: "The lecture is over. You can go on looking around.",
  gone: "The lecture is over, or its server was started again. If it goes on, this page follows again.",
  apart: "The servers do not reach one another: until they do, this page may be behind the lecture.",
  full: "As many follow as there is place for: look with your neighbour. This page tries again by itself.",
};

const root = document.querySelector("[data-testid='stage']");
const address = location.pathname.replace(/\/$/, "");

document.documentElement.classList.add("follower");
dress();
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
  dress();
  stage.setTheme();
});
document.addEventListener("copy", copyPlainly);
understandCommas();

const problem = document.querySelector(".problem");
const foot = document.querySelector("footer");
const reading = new Reading(document.querySelector(".handout"), address);
const dot = element("span", "dot", foot);
dot.setAttribute("aria-hidden", "true");
const words = element("span", "words", foot);
words.setAttribute("role", "status");
const leave = button(foot, "", "Look around", () => room.follow(false), "Leave the lecturer's playhead, and move your own");
const back = button(foot, "main", "Back to the lecture", () => room.follow(true));
const own = element("a", "", foot);
Object.assign(own, { target: "_blank", rel: "noopener", textContent: "Open in a lab of my own" });

const card = new QuestionCard(foot, address);
const turn = new TurnCard(foot, address, () => stage);

/** Why the room does not take this page in; empty where it does. */
let refused = "";

/** Whether the servers do not hear of one another. */
let isApart = false;

const room = new Room(address, {
  state: show,
  following: update,
  problem: (sentence) => put(problem, sentence),
  end: () => {
    card.show(null);
    turn.show(null, false);
    update();
  },
  refused: (why) => {
    refused = why;
    update();
  },
  apart: (apart) => {
    isApart = apart;
    update();
  },
  connected: () => {
    card.connected();
    turn.connected();
  },
});
const stage = new Stage(root, room);
room.feed(stage);
update();

/** Whatever the lecturer shows that is no run. */
function show(state) {
  card.show(state.question ?? null);
  turn.show(state.turn ?? null, Boolean(state.question));
  update();
  const page = ["graph", "course", "mistakes"].includes(state.page) ? state.page : "";
  const query = { course: state.chapter && `?chapter=${encodeURIComponent(state.chapter)}`, mistakes: state.mistake && `?mistake=${encodeURIComponent(state.mistake)}` };
  own.href = `../${page}${page in query ? (query[page] ?? "") : state.link}`;
}

function update() {
  // Whoever looks around stays at the run.
  const read = (room.follows || Boolean(room.over)) && ["course", "mistakes"].includes(room.state?.page);
  document.documentElement.classList.toggle("reads", read);
  reading.show(read ? room.state : null);
  document.documentElement.dataset.follows = String(room.follows);
  put(words, WORDS[room.over ? "over" : refused || (!room.follows ? "around" : isApart ? "apart" : "following")]);
  const left = room.follows ? leave : back;
  const focused = [leave, back].includes(document.activeElement);
  leave.hidden = !room.follows;
  back.hidden = room.follows || Boolean(room.over);
  if (focused && !left.hidden) left.focus(); // the button that was pressed is gone
}

function dress() {
  document.documentElement.dataset.theme = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
}
