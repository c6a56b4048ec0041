// The playhead: which epoch is shown, and how it moves. Knows no page; time is handed to it.

/** Seconds that the epochs from k to e·k take at speed 1: early epochs, where most happens, get most of the time. */
export const SECONDS_PER_FOLD = 1.6;

/** At the slowest speeds every epoch is played beat by beat. */
export const SPEEDS = [1 / 16, 1 / 8, 0.25, 0.5, 1, 2, 4, 8, 16];
const SLOW = 1 / 8;
/** How long a beat is seen, times the speed. */
const BEAT_SECONDS = 3 / 16;

/** What happens between two epochs, in this order. */
export const BEATS = ["forward", "loss", "backward", "update"];

/** How a run has ended, as the server says it; null while it trains. @typedef {{reason: string} | null} Stop */

export class Player {
  /** @param {() => void} changed called whenever anything below is different from before */
  constructor(changed) {
    this.changed = changed;
    this.speed = 1;
    /** Whether something is in a hand, for as long as which keys of the player do nothing. */
    this.held = false;
    this.load(1, false);
  }

  /** A new run of `epochs` epochs, shown from its start. @param {boolean} playing whether it plays by itself */
  load(epochs, playing) {
    this.epochs = epochs;
    this.epoch = 0;
    this.position = 0;
    /** The beat that is shown on the way to the next epoch, as a place in BEATS; null for the epoch as a whole. */
    this.beat = null;
    this.beatTime = 0;
    this.trained = -1;
    /** @type {Stop} */
    this.stop = null;
    this.started = playing;
    this.playing = playing;
    this.waiting = true;
    this.changed();
  }

  /** How the playhead stands, for another player to `resume`. */
  get standing() {
    const { epochs, epoch, position, beat, beatTime, speed, started, playing } = this;
    return { epochs, epoch, position, beat, beatTime, speed, started, playing };
  }

  resume(standing) {
    Object.assign(this, standing);
    this.changed();
  }

  /** Rows have come: epochs 0 to `trained` can be shown. @param {Stop} stop */
  receive(trained, stop) {
    this.trained = trained;
    this.stop = stop;
    this.settle();
  }

  /** To another place, as when it is counted in other steps: whatever it does goes on. */
  move(epoch) {
    this.epoch = Math.max(Math.round(epoch), 0);
    this.position = Math.log1p(this.epoch);
    this.changed();
  }

  /** The state as the stage's `data-state` names it. */
  get state() {
    if (!this.started) return "idle";
    if (this.stop && this.epoch >= this.trained) {
      const named = { diverged: "diverged", failed: "failed" }[this.stop.reason];
      return named ?? "finished";
    }
    if (this.trained < 0) return "training";
    if (!this.playing) return "paused";
    return this.waiting ? "training" : "playing";
  }

  get last() {
    return Math.max(this.trained, 0);
  }

  play() {
    if (!this.started) return;
    if (this.stop && this.epoch >= this.last) this.jump(0);
    if (!this.slow) this.beat = null;
    this.playing = true;
    this.settle();
  }

  pause() {
    this.playing = false;
    this.settle();
  }

  toggle() {
    if (this.playing) this.pause();
    else this.play();
  }

  replay() {
    this.jump(0);
    this.play();
  }

  /** To the epoch, or to the last that is trained. Playing goes on from there. */
  seek(epoch) {
    this.jump(epoch);
    this.settle();
  }

  /** Some epochs on or back, and pause there. */
  step(by) {
    this.playing = false;
    this.seek(this.epoch + by);
  }

  get slow() {
    return this.speed <= SLOW;
  }

  /** On to the next beat, or back to the one before, and pause there. @param {1 | -1} by */
  stepBeat(by) {
    this.playing = false;
    this.moveBeat(by);
    this.settle();
  }

  /** To a beat of the present epoch, and pause there. */
  showBeat(beat) {
    this.playing = false;
    this.beat = beat;
    this.settle();
  }

  moveBeat(by) {
    // After the last epoch there is no update.
    const beats = this.epoch < this.last ? BEATS.length : BEATS.length - 1;
    const next = (this.beat ?? (by > 0 ? -1 : 0)) + by;
    if (next >= beats) {
      if (this.epoch < this.last) this.enter(this.epoch + 1, 0);
    } else if (next >= 0) this.beat = next;
    else if (this.epoch > 0) this.enter(this.epoch - 1, BEATS.length - 1);
    else this.beat = null;
  }

  enter(epoch, beat) {
    this.jump(epoch);
    this.beat = beat;
  }

  setSpeed(speed) {
    this.speed = speed;
    if (this.playing && !this.slow) this.beat = null;
    this.changed();
  }

  /** Time has passed. @param {number} seconds since the last tick */
  tick(seconds) {
    if (!this.playing) return;
    if (this.slow) {
      this.tickBeats(seconds);
      return;
    }
    this.position += (seconds * this.speed) / SECONDS_PER_FOLD;
    const epoch = Math.floor(Math.expm1(this.position) + 1e-9);
    if (epoch === this.epoch && !this.waiting) return;
    if (this.waiting && this.epoch >= this.last) {
      // Nothing to move on to yet: the clock waits as well.
      this.position = Math.log1p(this.epoch);
      return;
    }
    if (epoch >= this.last) this.jump(this.last);
    else this.epoch = epoch;
    this.settle();
  }

  tickBeats(seconds) {
    if (this.waiting && this.epoch >= this.last) return;
    this.beatTime += seconds;
    if (this.beatTime < BEAT_SECONDS / this.speed) return;
    this.beatTime = 0;
    this.moveBeat(1);
    if (this.epoch >= this.last) this.beat = null;
    this.settle();
  }

  jump(epoch) {
    this.epoch = Math.min(Math.max(Math.round(epoch), 0), this.last);
    this.position = Math.log1p(this.epoch);
    this.beat = null;
    this.beatTime = 0;
  }

  settle() {
    const atEnd = this.epoch >= this.last;
    this.waiting = atEnd && !this.stop;
    if (atEnd && this.stop) this.playing = false;
    this.changed();
  }
}
