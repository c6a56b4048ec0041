// Where things stand, in words: the state, what happened, and how training gets on.

import { put } from "../shared/dom.js";
import { duration, whole } from "../shared/format.js";
import { BEATS } from "./player.js";

const TITLES = {
  idle: "Ready",
  training: "Training",
  playing: "Playing",
  paused: "Paused",
  finished: "Finished",
  diverged: "Diverged",
  failed: "Failed",
};

/** The ends of a run that are called otherwise than the stage's state. */
const ENDS = { converged: "Finished", cancelled: "Stopped" };

/** While a hand holds the start or a point. */
const IN_HAND = { title: "By hand", sentence: "Let go, or press Enter, and the run starts like this." };

/** What there is to say of the line to the source. */
const LINE = {
  cut: "The line to the server is cut. What is here stays.",
  back: "The line to the server is back.",
  recovered: "The line to the server is back, and the run is where it was.",
};

export class Status {
  /** @param {(beat: number) => void} showBeat */
  constructor(parent, showBeat) {
    this.root = document.createElement("div");
    this.root.className = "status";
    this.badge = document.createElement("strong");
    this.badge.className = "badge";
    this.epoch = document.createElement("span");
    this.epoch.className = "epoch";
    this.message = document.createElement("p");
    this.message.className = "message";
    this.message.setAttribute("role", "status");
    this.beats = document.createElement("div");
    this.beats.className = "beats";
    this.beats.setAttribute("role", "group");
    this.beats.setAttribute("aria-label", "Beats of an epoch");
    this.chips = BEATS.map((name, beat) => {
      const chip = document.createElement("button");
      chip.type = "button";
      chip.textContent = `${beat + 1} ${name}`;
      chip.addEventListener("click", () => showBeat(beat));
      this.beats.append(chip);
      return chip;
    });
    this.facts = document.createElement("p");
    this.facts.className = "facts";
    this.root.append(this.badge, this.epoch, this.beats, this.message, this.facts);
    parent.append(this.root);
  }

  /**
   * @param {import("./player.js").Player} player
   * @param {object} run what there is to say of the run in front, and of all together
   * @param {import("./clock.js").Clock | undefined} clock what the playhead counts
   * @param {"" | "cut" | "back" | "recovered"} line how the line to the server is
   * @param {boolean} news whether that is to be said before anything else
   */
  update(player, run, clock, line, news) {
    const { state } = player;
    // The end that is told is that of the run in front, as are the words beside it.
    const ended = ["finished", "diverged", "failed"].includes(state);
    put(this.badge, run.inHand ? IN_HAND.title : (ended && (ENDS[run.reason] ?? TITLES[run.reason])) || TITLES[state]);
    this.badge.classList.toggle("lost", !run.inHand && ended && ["diverged", "failed"].includes(run.reason));
    const inBeat = player.beat !== null;
    const place = clock?.words(player.epoch) ?? "epoch 0";
    put(this.epoch, place[0].toUpperCase() + place.slice(1));
    if (this.beats.hidden === inBeat) this.beats.hidden = !inBeat;
    // Without the line they are of the past, and in the way of what Streamlit says of it.
    const past = inBeat || line === "cut";
    if (this.facts.hidden !== past) this.facts.hidden = past;
    this.chips.forEach((chip, beat) => {
      const pressed = String(beat === player.beat);
      if (chip.getAttribute("aria-pressed") !== pressed) chip.setAttribute("aria-pressed", pressed);
      const missing = beat === BEATS.length - 1 && player.epoch >= player.last;
      if (chip.disabled !== missing) chip.disabled = missing;
    });
    // What happened is spoken; progress, which changes with every answer of the server, is not.
    const spoken = news || inBeat || ["idle", "finished", "diverged", "failed"].includes(state) ? "polite" : "off";
    if (this.message.getAttribute("aria-live") !== spoken) this.message.setAttribute("aria-live", spoken);
    put(this.message, news ? LINE[line] : run.inHand ? IN_HAND.sentence : sentence(player, run, clock, line));
    put(this.facts, facts(player, run));
  }
}

/** What each beat does. */
const MEANINGS = {
  forward: "The line predicts a y for every x.",
  loss: "How far off? The squared errors make one number.",
  backward: "How would the loss change with b, and how with w?",
  update: "A step against the gradient.",
};

function sentence(player, run, clock, line) {
  if (player.beat !== null) return MEANINGS[BEATS[player.beat]];
  if (player.state === "idle") return run.message;
  if (player.stop && player.epoch >= player.trained) return named(run.name, player.stop.message);
  if (line === "cut" && !player.stop) return LINE.cut;
  if (player.trained < 0) return run.place ? `This server is full: the run has place ${run.place} in the queue.` : "Starting…";
  if (player.stop) return run.message;
  const left = run.left === null ? "" : ` ${duration(run.left)} left.`;
  return `Trained ${clock.progress(player.trained)}.${left}`;
}

/** A run's end, with its name where there are others. */
function named(name, message) {
  return name ? `${name[0].toUpperCase()}${name.slice(1)}: ${message[0].toLowerCase()}${message.slice(1)}` : message;
}

function facts(player, run) {
  const ahead = player.trained - player.epoch;
  return [
    !player.stop && ahead > 0 && player.state !== "idle" ? `training is ${whole(ahead)} ahead` : "",
    run.speed ? `${whole(run.speed)} epochs/s` : "",
    run.device ? `on ${run.device}` : "",
  ]
    .filter(Boolean)
    .join(" · ");
}
