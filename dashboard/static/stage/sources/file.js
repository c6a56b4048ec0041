// A stage that plays from a file: all there is of the runs is here, and nobody can be asked for more.

import { columnsOf, unpacked } from "../shared/arrays.js";
import { whole } from "../shared/format.js";
import { parse } from "../shared/lines.js";
import { without } from "./moments.js";
import { AT_ONCE, granted } from "./source.js";

/** What can be wished for without other runs than those that are here: what a hand moves would train one. */
const FULFILLED = new Set(["front", "align", ...AT_ONCE]);
FULFILLED.delete("hand");

const NO_OTHERS = "What the other methods learn is not in this page: the lab trains them.";

const NOT_LOOKED_BACK = "This page looks back from the loss alone, with both parameters: the lab does it from others as well.";

/** @implements {import("./source.js").Source} */
export class File {
  /** @param {object} told as `dashboard/webpage/told.py` has it */
  constructor(told) {
    this.told = told;
    this.arrangement = told.arrangement;
    this.sweeps = Boolean(told.sweep);
    /** By scene, what is known of single epochs. */
    this.moments = new Map(Object.entries(told.moments).map(([scene, text]) => [scene, parse(text)]));
  }

  feed(stage) {
    this.stage = stage;
    this.arrange();
    stage.begin(true);
    this.fill();
    this.showSweep();
  }

  /** The runs as the stage is told of them: the ghost is that of the run that is in front at first. */
  get runs() {
    const { align } = this.arrangement;
    const { runs, ghost } = this.told;
    const told = ghost && !this.haunted ? runs.slice(0, -1) : runs;
    return told.map((run) => ({ ...run, epochLength: run.epochLengths[align] }));
  }

  get haunted() {
    return this.told.ghost && this.arrangement.front === this.told.arrangement.front;
  }

  arrange() {
    const { stage, runs, arrangement, told } = this;
    // A scene that has left the stage is forgotten there.
    for (const { scene } of runs) if (!stage.scenes.has(scene)) stage.addScene(scene, JSON.parse(told.scenes[scene]));
    stage.setRuns(runs, arrangement, this.haunted);
    stage.setOthers({ scene: runs[arrangement.front].scene, announced: NO_OTHERS, methods: null });
  }

  /** The records of the runs that have none yet. */
  fill() {
    const { stage, runs, told } = this;
    const rows = stage.runs.all.map(({ columns }, i) => (columns.count ? null : columnsOf(runs[i].columns)));
    stage.receive(rows, runs, told.message);
  }

  showSweep() {
    const { sweep } = this.told;
    this.losses ??= sweep && Float32Array.from(unpacked(sweep.losses));
    this.stage.setSweep(this.sweeps ? sweep : null, this.losses);
  }

  wish(wish) {
    if ("sweep" in wish) this.sweeps = Boolean(wish.sweep);
    this.arrangement = granted(this.arrangement, wish, (name) => this.fulfils(name));
    this.arrange();
    this.fill();
    if ("sweep" in wish) this.showSweep();
    return this.arrangement.heard;
  }

  fulfils(name) {
    return name === "sweep" ? this.told.sweep !== null : FULFILLED.has(name);
  }

  ask() {
    const { wanted } = this.stage.moments;
    if (!wanted) return;
    const { scene, epoch, root, requires } = wanted;
    const { layouts = {}, epochs = {} } = this.moments.get(scene) ?? {};
    const usual = root === "loss" && requires === "both";
    const moment = (usual && epochs[epoch]) || without(usual ? notHeld(epoch, Object.keys(epochs).map(Number)) : NOT_LOOKED_BACK);
    this.stage.moments.receive({ ...wanted, layouts, epochs: { [epoch]: moment } });
    this.stage.invalidate();
  }

  /** Nothing trains. */
  stop() {}

  close() {}
}

/** Why there is nothing of an epoch, and where there is. @param {number[]} held rising */
function notHeld(epoch, held) {
  const before = held.findLast((one) => one < epoch);
  const after = held.find((one) => one > epoch);
  const near = [before, after].filter((one) => one !== undefined).map((one) => whole(one));
  const nearest = near.length ? ` The nearest that it holds: ${near.join(" and ")}.` : "";
  return `This page does not hold what happens within epoch ${whole(epoch)}; the lab does.${nearest}`;
}
