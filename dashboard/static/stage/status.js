// Where things stand, in words: the state, what happened, and how training gets on.

import { duration, whole } from "./format.js";

const TITLES = {
  idle: "Ready",
  training: "Training",
  playing: "Playing",
  paused: "Paused",
  finished: "Finished",
  diverged: "Diverged",
  failed: "Failed",
};

export class Status {
  constructor(parent) {
    this.root = document.createElement("div");
    this.root.className = "status";
    this.badge = document.createElement("strong");
    this.badge.className = "badge";
    this.epoch = document.createElement("span");
    this.epoch.className = "epoch";
    this.message = document.createElement("p");
    this.message.className = "message";
    this.message.setAttribute("role", "status");
    this.facts = document.createElement("p");
    this.facts.className = "facts";
    this.root.append(this.badge, this.epoch, this.message, this.facts);
    parent.append(this.root);
  }

  /** @param {import("./player.js").Player} player @param {object} run what the server said of the run */
  update(player, run) {
    const { state } = player;
    const title = player.stop?.reason === "cancelled" && state === "finished" ? "Stopped" : TITLES[state];
    put(this.badge, title);
    put(this.epoch, `Epoch ${whole(player.epoch)}`);
    // What happened is spoken; progress, which changes with every answer of the server, is not.
    const spoken = ["idle", "finished", "diverged", "failed"].includes(state) ? "polite" : "off";
    if (this.message.getAttribute("aria-live") !== spoken) this.message.setAttribute("aria-live", spoken);
    put(this.message, sentence(player, run));
    put(this.facts, facts(player, run));
  }
}

function sentence(player, run) {
  if (player.state === "idle") return run.message;
  if (player.stop && player.epoch >= player.trained) return player.stop.message;
  if (player.trained < 0) return run.queue ? `Waiting for ${run.queue} other ${run.queue === 1 ? "run" : "runs"}.` : "Starting…";
  if (player.stop) return run.message;
  const left = run.left === null ? "" : ` ${duration(run.left)} left.`;
  return `Trained ${whole(player.trained)} of ${whole(player.epochs)} epochs.${left}`;
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

function put(element, text) {
  if (element.textContent !== text) element.textContent = text;
}
