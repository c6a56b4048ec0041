// Opens a scene: its link in the lab, without loading the page anew, and then its epoch, paused.
//
// Where a stage is on the page already, and the scene is for the same page, the stage wishes for the link: the server says
// when that is done, and nothing on the page is made anew. To another page leads what a browser's own buttons do: Streamlit
// follows the address where the history has moved.

import { stageOnPage } from "../../stage/on_page.js";
import { BEATS, SPEEDS } from "../../stage/player/player.js";
import { isBusy } from "../../stage/sources/line.js";
import { PAGES, WITH_STAGE } from "./scene.js";

/** How often is looked whether what was asked for is there, in ms. */
const LOOK_MS = 40;

/** So long is waited for a wish to be heard: of a stage that is about to leave the page none is. */
const PATIENCE_MS = 4000;

/** Streamlit's own parameters, which hold for the visit. */
const OWN = ["embed", "embed_options"];

/** Streamlit loses its way where a page is left before it is there: so long is waited for it at most, in ms. */
const TURN_MS = 8000;
const BEGUN_MS = 500;
const CALM_LOOKS = 3;

/** @type {AbortController | undefined} */
let opening;

/** The last change of the page, whatever was asked for since. */
let turning = Promise.resolve();

/**
 * @param {import("./scene.js").Scene} scene
 * @param {boolean} projected whether the panels that its link has for a projector fill the window
 * @returns {Promise<boolean>} whether the scene stands; false where another was opened before
 */
export async function open(scene, projected) {
  opening?.abort();
  opening = new AbortController();
  const { signal } = opening;
  const stage = await arrive(scene.page, projected ? scene.link : notProjected(scene.link), signal);
  if (!stage) return !signal.aborted;
  stage.player.pause();
  const { link } = stage.source;
  // Whoever has moved a control meanwhile looks at something else by now.
  const place = await until(() => (stage.source.link === link ? reached(stage, scene.epoch) : false), signal);
  if (place === null || place === false) return false;
  stand(stage, scene, place);
  return true;
}

/** On the page with this link. @returns {Promise<import("../../stage/stage.js").Stage | null>} null where there is none */
async function arrive(page, link, signal) {
  await turning;
  if (signal.aborted) return null;
  const before = stageOnPage();
  // Whoever leads on quickly may still see the stage of the page before.
  if (before?.source.view === page && page === pageHere()) {
    const number = before.wish({ link });
    const lost = performance.now() + PATIENCE_MS;
    const found = await until(() => {
      const stage = stageOnPage();
      if (stage?.arrangement.heard >= number && stage.runs.list.length) return stage;
      return performance.now() > lost ? false : null;
    }, signal);
    if (found !== false) return found;
  }
  turning = turn(page, link, signal);
  await turning;
  if (!WITH_STAGE.has(page)) return null;
  return until(() => {
    const stage = stageOnPage();
    return stage && stage !== before && stage.runs.list.length ? stage : null;
  }, signal);
}

/** One page after the other: of those that are asked for meanwhile the last. */
async function turn(page, link, signal) {
  const stage = stageOnPage();
  stage?.source.leave(true);
  await settled();
  if (!signal.aborted) {
    history.pushState(null, "", addressOf(page, link));
    window.dispatchEvent(new PopStateEvent("popstate", { state: null }));
    await within(isBusy, BEGUN_MS);
    await settled();
  }
  if (stage && stageOnPage() === stage) stage.source.leave(false);
}

/** The server has answered, and nothing else was asked since. */
function settled() {
  let calm = 0;
  return within(() => {
    calm = isBusy() ? 0 : calm + 1;
    return calm >= CALM_LOOKS;
  }, TURN_MS);
}

/** @param {() => boolean} look @param {number} ms how long it is waited for at most */
function within(look, ms) {
  const last = performance.now() + ms;
  return until(() => look() || performance.now() > last || null);
}

/** Where the playhead has to be, as soon as it can be there; null until then. */
function reached({ player, runs }, epoch) {
  const [base] = runs.list;
  if (!base?.columns.count) return null;
  const place = runs.placeOf(base, epoch);
  return player.started && (player.trained >= place || player.stop) ? place : null;
}

function stand(stage, { beat, speed, question }, place) {
  const { player } = stage;
  player.pause();
  player.seek(place);
  // After the last epoch there is no update.
  if (beat && (beat !== "update" || player.epoch < player.last)) player.showBeat(BEATS.indexOf(beat));
  if (SPEEDS.includes(speed)) player.setSpeed(speed);
  stage.projector.say({ question: question?.text ?? "" });
  stage.flush();
}

/** The page that the address names. @returns {string} */
export function pageHere() {
  const last = location.pathname.split("/").findLast(Boolean);
  return PAGES.includes(last) && last !== "lab" ? last : "lab";
}

/** The query of the address, as a scene has it. */
export function linkHere() {
  return withParameters(location.search, (asked) => OWN.forEach((name) => asked.delete(name)));
}

function notProjected(link) {
  return withParameters(link, (asked) => asked.delete("projector"));
}

function addressOf(page, link) {
  const parts = location.pathname.split("/").filter(Boolean);
  if (pageHere() !== "lab") parts.pop();
  if (page !== "lab") parts.push(page);
  const here = new URLSearchParams(location.search);
  const query = withParameters(link, (asked) => {
    for (const name of OWN) for (const value of here.getAll(name)) asked.append(name, value);
  });
  const folder = parts.length ? `/${parts.join("/")}` : "/";
  return (page === "lab" && parts.length ? `${folder}/` : folder) + query;
}

/** A query whose commas and colons can be read. @param {(asked: URLSearchParams) => void} change */
function withParameters(query, change) {
  const asked = new URLSearchParams(query);
  change(asked);
  return `?${asked.toString().replaceAll("%2C", ",").replaceAll("%3A", ":")}`;
}

/**
 * @template T @param {() => T | null} look @param {AbortSignal} [signal]
 * @returns {Promise<T | null>} what there is at last; null where it is waited for no more
 */
async function until(look, signal) {
  for (;;) {
    if (signal?.aborted) return null;
    const found = look();
    if (found !== null) return found;
    // oxlint-disable-next-line no-await-in-loop -- one look after the other
    await new Promise((resolve) => {
      setTimeout(resolve, LOOK_MS);
    });
  }
}
