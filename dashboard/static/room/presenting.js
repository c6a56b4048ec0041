// Tells the room what is on the lecturer's page, as soon as it is another than before.

import { whole } from "../stage/shared/format.js";
import { BEATS } from "../stage/player/player.js";
import { ALL } from "../stage/panels/shown.js";
import { stageOnPage } from "../stage/on_page.js";
import { remember, take } from "./tab_memory.js";

/** The name under which this tab keeps what the room saw of it. */
const SEEN = "lecture seen";

const LOOK_MS = 80; // between two looks at the page
const PLAYING_MS = 1000; // while followers play by themselves: between two words on where the playhead is
const AGAIN_MS = 1000; // after the server has not answered

/** While it plays the epoch runs on by itself. */
const playsOn = (state) => JSON.stringify(state.playing ? { ...state, epoch: 0 } : state);

export class Presenting {
  /**
   * @param {() => import("./room.js").LecturersRoom} room
   * @param {() => {page: string, chapter: string, mistake: string}} place which page is shown
   * @param {() => object} more what else the room is to know: a question, whose turn it is
   * @param {(problem: import("./room.js").Refused | null) => void} heard how the last word was taken
   */
  constructor(room, place, more, heard) {
    Object.assign(this, { room, place, more, heard });
    addEventListener("pagehide", () => this.seen && this.timer !== undefined && remember(SEEN, this.seen));
    this.told = "";
    this.toldAt = -Infinity;
    /** Where the lecturer points, and whether they do so outside the projector's panels as well. */
    this.pointer = null;
    this.points = false;
    this.onPointer = (pointer) => {
      this.pointer = pointer;
      // On a wall the lecturer's own pointer is too small to be seen.
      const stage = stageOnPage();
      if (stage?.projector.on) stage.showPointer(pointer);
    };
  }

  start() {
    this.was ??= take(SEEN);
    this.timer ??= setInterval(() => this.look(), LOOK_MS);
  }

  stop() {
    this.attend(stageOnPage(), false);
    clearInterval(this.timer);
    this.timer = undefined;
    this.told = "";
  }

  /** Has a stage tell where the lecturer points, or not any more. */
  attend(stage, on = true) {
    if (!stage) return;
    stage.pointing = on && this.points;
    stage.onPointer = on ? this.onPointer : null;
    if (!on) this.pointer = null;
  }

  /**
   * A page that is loaded anew goes on where it was, before the room sees anything of it.
   * @returns {boolean} whether it is there
   */
  goOn(stage) {
    const { was } = this;
    if (!was || !stage?.runs.list.length) return true;
    const { player, runs } = stage;
    if (withoutProjector(stage.source.link) === was.link && player.started) {
      if (player.trained < was.epoch && !player.stop) return false;
      if (!was.playing) player.pause();
      player.seek(runs.placeOfEpoch(was.epoch));
      player.setSpeed(was.speed);
      if (was.beat && !was.playing) player.showBeat(BEATS.indexOf(was.beat));
    }
    this.was = null;
    return true;
  }

  /** Says all of it once more: the room may have forgotten it. */
  again() {
    this.told = "";
    this.look();
  }

  /** Says something at once, and nothing else meanwhile. @param {object} more parts of the state @throws {Refused} */
  async tell(more) {
    // oxlint-disable-next-line no-await-in-loop -- what is being said has to arrive first
    while (this.telling) await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    this.telling = true;
    try {
      await this.room().tell({ ...this.state, ...more });
    } finally {
      this.telling = false;
    }
  }

  async look() {
    const now = performance.now();
    if (this.timer === undefined) return; // the room sees another tab
    this.attend(stageOnPage());
    if (!this.goOn(stageOnPage())) return;
    if (this.telling || now < this.notBefore) return;
    const state = this.state;
    if (!state) return;
    const said = playsOn(state);
    if (said === this.told && !(state.playing && now - this.toldAt > PLAYING_MS)) return;
    this.telling = true;
    try {
      await this.room().tell(state);
      Object.assign(this, { told: said, toldAt: now, notBefore: 0, seen: state });
      this.heard(null);
    } catch (refused) {
      this.notBefore = performance.now() + AGAIN_MS;
      this.heard(refused);
    } finally {
      this.telling = false;
    }
  }

  /** What the room sees, as it was told last. */
  get inWords() {
    const { page, chapter, mistake, epoch, playing } = this.seen ?? {};
    if (page === "course") return chapter ? "this chapter" : "that you are choosing a chapter";
    if (page === "mistakes") return mistake ? "this mistake" : "that you are choosing a mistake";
    if (epoch === undefined) return "nothing of this page yet";
    return playing ? "this run, playing" : `this run, standing at epoch ${whole(epoch)}`;
  }

  /** What followers are to see; null while the page has nothing to show yet. */
  get state() {
    const { page, chapter, mistake } = this.place();
    const stage = stageOnPage();
    const more = this.more();
    const reads = ["course", "mistakes"].includes(page);
    if (reads) {
      const still = this.last ?? { link: "?", epoch: 0, beat: "", speed: 1 };
      return { ...still, page, playing: false, ...(chapter && { chapter }), ...(mistake && { mistake }), ...more };
    }
    if (!stage?.runs.list.length) return null;
    const { player, arrangement, source, runs } = stage;
    const beat = player.beat === null ? "" : BEATS[player.beat];
    // In a hidden tab no frame is drawn: there the playhead stands.
    const playing = player.started && player.playing && !document.hidden;
    const epoch = runs.epochAt(player.epoch);
    this.last = { link: withoutProjector(source.link), epoch, beat, speed: player.speed };
    const shown = arrangement.projector.length ? arrangement.projector : arrangement.show;
    const panels = shown.length < ALL.length && { panels: shown };
    return { ...this.last, page, playing, ...panels, ...(this.pointer && { pointer: this.pointer }), ...more };
  }
}

/** What fills the lecturer's wall is not to fill a phone. */
function withoutProjector(link) {
  const query = new URLSearchParams(link);
  if (!query.has("projector")) return link;
  query.delete("projector");
  return `?${query}`;
}
