// The list of scenes: one for the page, whichever of its parts show it, kept by the browser from visit to visit.

import { keep, kept } from "../../stage/shared/kept.js";
import { MOST, read, written } from "./file.js";

const NAME = "gradient-descent-lab-scenes";

export class SceneList {
  constructor() {
    /** @type {Set<() => void>} */
    this.listeners = new Set();
    /** The place of the scene that was played last; null while the list is not open. @type {number | null} */
    this.current = null;
    this.restore();
    window.addEventListener("storage", ({ key }) => {
      if (key !== NAME && key !== null) return;
      this.restore();
      this.tell();
    });
  }

  /** As the browser has it: another tab may have changed it. */
  restore() {
    /** @type {import("./scene.js").Scene[]} */
    this.scenes = [];
    const text = kept(NAME);
    try {
      if (text) this.scenes = read(text);
    } catch {
      // What is no list, or an empty one, is none.
    }
    if (this.current !== null) this.current = this.scenes.length ? Math.min(this.current, this.scenes.length - 1) : null;
  }

  /** @param {() => void} changed @returns {() => void} ends it */
  watch(changed) {
    this.listeners.add(changed);
    return () => this.listeners.delete(changed);
  }

  tell() {
    for (const changed of this.listeners) changed();
  }

  get full() {
    return this.scenes.length >= MOST;
  }

  /** @param {import("./scene.js").Scene[]} scenes @param {number | null} [current] */
  set(scenes, current = this.current) {
    this.scenes = scenes;
    this.current = current;
    keep(NAME, written(scenes));
    this.tell();
  }

  /** Behind the one that was played last, else at the end. @param {import("./scene.js").Scene} scene @returns {number} its place */
  add(scene) {
    const place = this.current === null ? this.scenes.length : this.current + 1;
    this.set(this.scenes.toSpliced(place, 0, scene), this.current === null ? null : place);
    return place;
  }

  /** @param {number} place @param {Partial<import("./scene.js").Scene>} changes */
  change(place, changes) {
    this.set(this.scenes.with(place, { ...this.scenes[place], ...changes }));
  }

  remove(place) {
    const { current } = this;
    const left = this.scenes.toSpliced(place, 1);
    const after = current !== null && place < current ? current - 1 : current;
    this.set(left, after === null || !left.length ? null : Math.min(after, left.length - 1));
  }

  /** @param {number} from @param {number} to its place afterwards */
  move(from, to) {
    if (to < 0 || to >= this.scenes.length || from === to) return;
    const scene = this.scenes[from];
    const playing = this.current === null ? null : this.scenes[this.current];
    const scenes = this.scenes.toSpliced(from, 1).toSpliced(to, 0, scene);
    this.set(scenes, playing && scenes.indexOf(playing));
  }

  /** @param {number | null} place that is played; null closes the list */
  stand(place) {
    this.current = place;
    this.tell();
  }
}
