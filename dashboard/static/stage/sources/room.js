// A stage that follows a lecturer: it shows what their room says, and plays by itself between two messages.
//
// The room says which runs are shown and where the playhead is, again and again; the records are asked for as the lab
// asks for them: those that follow the ones that are here. Until those of another link are here the stage stays as it is.

import { columnsOf, unpacked } from "../shared/arrays.js";
import { ALL } from "../panels/shown.js";
import { BEATS, SECONDS_PER_FOLD } from "../player/player.js";
import { without } from "./moments.js";
import { AT_ONCE, granted } from "./source.js";

/** What a follower can wish for: it takes no other runs than the lecturer's. */
const FULFILLED = new Set(["front", ...AT_ONCE]);
FULFILLED.delete("hand");

/** What a follower has whatever the lecturer shows: where the playhead is, of which runs, and what to look around with. */
const OWN_PANELS = new Set(["status", "runs", "player"]);

/** What a person does to the playhead. */
const ACTS = ["play", "pause", "toggle", "replay", "seek", "step", "stepBeat", "showBeat", "setSpeed"];

const CALM_MS = 500; // between two questions while there is more to come
const AGAIN_MS = 1000; // after a question that had no answer
const BLIP_MS = 1500; // a line that is back sooner is not worth a word
const SILENCE_MS = 25_000; // the room says more often than this that it is there
const RETRY_MS = [500, 1000, 2000, 3000, 3000, 3000, 10_000];

/** Two playheads that play may be so many seconds apart: to put one right would be a jump that is seen. */
const APART_SECONDS = 0.25;

const OVER = "The lecture is over: what happens within an epoch is seen in a lab of one's own.";

const NO_OTHERS = "What the other methods learn is seen in a lab of one's own.";

/** @implements {import("./source.js").Source} */
export class Room {
  /**
   * @param {string} address the room's, without a slash at its end
   * @param {object} on what is to be told
   * @param {(state: object) => void} on.state whatever the room says
   * @param {() => void} on.following whether this page follows has changed
   * @param {(sentence: string) => void} on.problem why the runs are not there; empty where they are
   * @param {() => void} on.end the lecture is over
   * @param {(why: "" | "gone" | "full") => void} on.refused why the room does not take this page in, though it is tried again
   * @param {(apart: boolean) => void} on.apart whether the room's servers do not hear of one another
   * @param {() => void} on.connected the line is there, for the first time or again
   */
  constructor(address, on) {
    Object.assign(this, { address, on });
    this.follows = true;
    /** What the room has said last. @type {object | null} */
    this.state = null;
    /** The link whose runs are on the stage. @type {string | null} */
    this.link = null;
    /** The panels that were put on the stage for the lecturer's sake last, and those that the link shows. */
    this.panels = "";
    /** @type {string[]} */
    this.ofLink = [];
    this.failures = 0;
    /** Whether the graph has the stage for itself. */
    this.alone = false;
  }

  feed(stage) {
    this.stage = stage;
    this.arrangement = { ...stage.arrangement, heard: 0 };
    stage.root.dataset.room = this.address.split("/").at(-1);
    stage.root.dataset.follows = "true";
    this.watchHands(stage.player);
    this.listen();
  }

  /** Whoever takes the playhead follows no longer. */
  watchHands(player) {
    for (const name of ACTS) {
      const act = player[name].bind(player);
      player[name] = (...given) => {
        if (!this.applying) this.follow(false);
        act(...given);
      };
    }
  }

  /** @param {boolean} follows the lecturer's playhead, or one's own */
  follow(follows) {
    if (follows === this.follows || (follows && this.over)) return;
    this.follows = follows;
    this.stage.root.dataset.follows = String(follows);
    if (follows) this.apply();
    this.on.following();
  }

  // --- The line

  listen() {
    this.stream?.close();
    this.stream = new EventSource(`${this.address}/events`);
    const hear = (name, act) => this.stream.addEventListener(name, ({ data }) => {
      this.connected();
      act(JSON.parse(data));
    });
    hear("state", (state) => this.take(state));
    hear("end", () => this.end());
    hear("alive", () => {});
    hear("apart", ({ apart }) => this.on.apart(apart));
    this.stream.addEventListener("open", () => {
      this.connected();
      this.on.apart(false);
      this.on.connected();
    });
    this.stream.addEventListener("error", () => this.disconnected());
    this.expect();
  }

  connected() {
    if (this.failures) this.on.refused("");
    this.failures = 0;
    clearTimeout(this.blip);
    this.blip = undefined;
    if (this.stage.line === "cut") this.stage.setLine("back");
    this.expect();
  }

  /** A line that was cut without a word is noticed by its silence. */
  expect() {
    clearTimeout(this.silence);
    this.silence = setTimeout(() => this.disconnected(), SILENCE_MS);
  }

  disconnected() {
    if (this.over) return;
    // A browser tries by itself, but not after a refusal, and not soon: the lecturer's page may just bring the room back.
    this.stream.close();
    clearTimeout(this.silence);
    this.blip ??= setTimeout(() => this.stage.setLine("cut"), BLIP_MS);
    const wait = RETRY_MS[Math.min(this.failures, RETRY_MS.length - 1)];
    this.failures += 1;
    clearTimeout(this.retry);
    // Hundreds were cut off together, and must not all come back in one moment.
    this.retry = setTimeout(() => this.listen(), wait * (0.75 + Math.random() / 2));
    this.askWhy();
  }

  /** A browser does not say why it has no stream: whether the line is cut, or there is no such room, or place in it. */
  async askWhy() {
    try {
      const { status } = await fetch(`${this.address}/events`, { method: "HEAD" });
      this.on.refused(status === 404 ? "gone" : status === 503 ? "full" : "");
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
    }
  }

  end() {
    this.over = true;
    this.close();
    if (this.stage.line === "cut") this.stage.setLine("back");
    this.follow(false);
    this.on.end();
  }

  // --- What the room says

  take(state) {
    if (this.state && state.version <= this.state.version) return;
    const before = this.state;
    this.state = state;
    this.heardAt = performance.now();
    this.on.state(state);
    if (state.link !== this.link) this.load();
    else {
      this.on.problem("");
      // Long runs are trained only once the lecturer has started them.
      if (this.started === false && (state.playing || state.epoch) && !(before?.playing || before?.epoch)) this.load();
      this.apply();
    }
    this.stage.showPointer?.(this.follows ? (state.pointer ?? null) : null);
  }

  /** Where the lecturer's playhead is by now. */
  get place() {
    const { runs, player } = this.stage;
    const { epoch, playing, speed } = this.state;
    const at = runs.placeOfEpoch(epoch);
    if (!playing || player.slow) return at;
    const seconds = (performance.now() - this.heardAt) / 1000;
    return Math.expm1(Math.log1p(at) + (seconds * speed) / SECONDS_PER_FOLD);
  }

  /** The playhead as the lecturer has it. */
  apply() {
    const { stage, state } = this;
    if (!this.follows || !state || state.link !== this.link) return;
    const { player } = stage;
    this.applying = true;
    if (player.speed !== state.speed) player.setSpeed(state.speed);
    const at = this.place;
    const beat = state.beat ? BEATS.indexOf(state.beat) : null;
    const plays = state.playing && !stage.quiet.matches;
    const apart = (Math.abs(player.position - Math.log1p(at)) * SECONDS_PER_FOLD) / player.speed;
    const together = plays && !player.slow && (player.playing || player.epoch >= player.last) && apart < APART_SECONDS;
    if (!together) {
      player.pause();
      player.seek(at);
      if (beat !== null) player.showBeat(beat);
      if (plays && !(player.stop && player.epoch >= player.last)) {
        player.play();
        player.beat = player.slow ? beat : null;
      }
    }
    this.applying = false;
    this.showPanels();
    this.showView();
    stage.invalidate();
  }

  /** The graph alone where the lecturer is on its page. */
  showView() {
    const alone = this.state.page === "graph";
    if (alone === this.alone) return;
    this.alone = alone;
    this.stage.graph.setLarge(alone, alone);
  }

  /** Those that the lecturer shows; a follower's own choice stays until there are others. */
  showPanels() {
    const shown = this.state.panels?.length ? this.state.panels : this.ofLink;
    const show = ALL.filter((name) => shown.includes(name) || OWN_PANELS.has(name));
    const panels = show.join();
    if (panels === this.panels) return;
    this.panels = panels;
    this.stage.wish({ show });
  }

  // --- The runs

  /** Asks for what is not here of the runs that the lecturer shows. */
  async load() {
    clearTimeout(this.timer);
    this.timer = undefined;
    if (this.asking) {
      this.askAgain = true;
      return;
    }
    this.asking = true;
    this.askAgain = false;
    let wait = AGAIN_MS;
    try {
      const { stage } = this;
      const have = Object.fromEntries(stage.runs.all.map(({ scene, columns }) => [scene, columns.count]));
      const body = JSON.stringify({ have, swept: stage.sweep?.known?.id ?? "" });
      const answer = await fetch(`${this.address}/runs`, { method: "POST", headers: { "Content-Type": "application/json" }, body });
      if (answer.ok) wait = this.receive(await answer.json());
    } catch (error) {
      // A line that is cut is said elsewhere; and what was asked for is asked for again.
      if (!(error instanceof TypeError)) throw error;
    } finally {
      this.asking = false;
      if (this.askAgain) this.load();
      else if (wait !== null && !this.over) this.timer = setTimeout(() => this.load(), wait);
    }
  }

  /** @returns {number | null} milliseconds after which to ask again; null where all is here */
  receive(told) {
    const { stage } = this;
    // The room has gone on meanwhile, and says so.
    if (told.link !== this.state.link) return CALM_MS;
    this.on.problem(told.problems[0] ?? "");
    if (!told.runs.length) return null;
    const other = told.link !== this.link;
    for (const [name, scene] of Object.entries(told.scenes)) if (!stage.scenes.has(name)) stage.addScene(name, JSON.parse(scene));
    // What was asked for before another question was answered is not here any more.
    if (told.runs.some(({ scene }) => !stage.scenes.has(scene))) return 0;
    const names = told.runs.map(({ scene }) => scene).join(" ");
    const others = names !== this.names;
    // Whoever looks around in the same runs keeps what they have chosen.
    if (other && (others || this.follows)) {
      this.arrangement = { ...told.arrangement, heard: this.arrangement.heard };
      this.ofLink = told.arrangement.show;
    }
    Object.assign(this, { link: told.link, names, started: told.started });
    stage.setRuns(told.runs, this.arrangement);
    if (others) {
      stage.begin(true);
      stage.setOthers({ scene: told.runs[stage.runs.front].scene, announced: NO_OTHERS, methods: null });
    }
    const runs = stage.runs.all;
    const rows = told.runs.map(({ start, columns }, i) => (start === runs[i].columns.count ? columnsOf(columns) : null));
    stage.receive(rows, told.runs, told.message);
    this.showSweep(told.sweep);
    if (other) this.panels = "";
    if (others && !this.follows) {
      // Whoever looks around in other runs begins where the lecturer is.
      this.applying = true;
      stage.player.pause();
      stage.player.seek(this.place);
      this.applying = false;
    }
    this.apply();
    const lacking = told.runs.some(({ count }, i) => runs[i].columns.count < count);
    if (lacking) return 0;
    // An end that was heard of before the last rows is none yet.
    const ended = runs.every(({ stop }, i) => stop !== null && told.runs[i].count >= stop.epoch) || !told.started;
    return ended && !stage.sweep.pending ? null : CALM_MS;
  }

  showSweep(sweep) {
    const { stage } = this;
    if (sweep && sweep.id === stage.sweep.known?.id && !sweep.losses) return;
    stage.setSweep(sweep, sweep?.losses ? Float32Array.from(unpacked(sweep.losses)) : null);
  }

  async ask() {
    const { wanted } = this.stage.moments;
    if (!wanted) return;
    if (this.over) {
      this.tellMoment({ ...wanted, layouts: {}, epochs: { [wanted.epoch]: without(OVER) } });
      return;
    }
    try {
      const answer = await fetch(`${this.address}/moment?${new URLSearchParams(wanted)}`);
      if (answer.status === 200) this.tellMoment(await answer.json());
    } catch (error) {
      // Moments are asked for again by themselves.
      if (!(error instanceof TypeError)) throw error;
    }
  }

  tellMoment(moment) {
    this.stage.moments.receive(moment);
    this.stage.invalidate();
  }

  wish(wish) {
    this.arrangement = granted(this.arrangement, wish, (name) => this.fulfils(name));
    if (this.stage.runs.list.length) this.stage.setRuns(this.stage.runs.list, this.arrangement);
    return this.arrangement.heard;
  }

  fulfils(name) {
    return FULFILLED.has(name);
  }

  /** The lecturer ends what they have begun. */
  stop() {}

  close() {
    this.stream?.close();
    for (const timer of [this.timer, this.retry, this.silence, this.blip]) clearTimeout(timer);
  }
}
