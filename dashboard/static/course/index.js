/**
 * The course's browser half: keeps what was predicted for as long as the tab is open, turns the pages by key, and
 * begins each place at its top. What the page shows, Streamlit draws.
 */

import {singleKeysAct} from "../stage/shared/single_keys.js";

const STORE = "gradient-descent-lab/course";
/** Where the arrows have a meaning of their own. */
const OWN_KEYS = [
    "input", "textarea", "select", "[contenteditable=true]", ".memory",
    ...["slider", "combobox", "radiogroup", "menu", "listbox", "dialog"].map(role => `[role=${role}]`),
].join(", ");
const ROOM = 8;

/** What was kept, by cell; empty if nothing was, or if this browser keeps nothing. */
function kept() {
    try {
        return JSON.parse(sessionStorage.getItem(STORE) ?? "{}") ?? {};
    } catch {
        return {};
    }
}

/** @param {Record<string, string[]>} looks */
function keep(looks) {
    try {
        sessionStorage.setItem(STORE, JSON.stringify(looks));
    } catch {
        // A browser that keeps nothing forgets at the next reload.
    }
}

const scroller = () => document.querySelector("[data-testid=stMain]");
const ideas = () => Array.from(document.querySelectorAll("[class*=st-key-idea-]"));

/** Follow the link to the chapter before or after. */
function turn(key) {
    document.querySelector(`.st-key-course-${key === "ArrowLeft" ? "previous" : "next"} a`)?.click();
}

/** Bring the next or the former idea to the top. False if there is none. */
function step(forward) {
    const top = scroller().getBoundingClientRect().top;
    const places = ideas().map(idea => idea.getBoundingClientRect().top - top - margin(idea));
    const offset = forward ? places.find(place => place > ROOM) : places.findLast(place => place < -ROOM);
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    // The page's own scroller alone: what the page is embedded in stays where it is.
    if (offset) scroller().scrollBy({top: offset, behavior: still ? "auto" : "smooth"});
    return offset !== undefined;
}

const margin = idea => parseFloat(getComputedStyle(idea).scrollMarginTop) || 0;

/** @param {KeyboardEvent} event */
function onKey(event) {
    if (!singleKeysAct() || event.defaultPrevented || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const {key, target} = event;
    if (target.closest?.(OWN_KEYS)) return;
    if (key === "ArrowLeft" || key === "ArrowRight") {
        event.preventDefault();
        if (!event.repeat) turn(key);
    } else if ((key === "PageDown" || key === "PageUp") && step(key === "PageDown")) {
        event.preventDefault();
    }
}

/** Code that scrolls within its box can be reached by the keyboard as well. Streamlit draws it anew now and then. */
const drawn = new MutationObserver(() => {
    for (const code of document.querySelectorAll(".st-key-course pre:not([tabindex])")) {
        if (code.scrollHeight > code.clientHeight) code.tabIndex = 0;
    }
});

/** What the page showed last; undefined where the course was not open. */
let place;

/** The call that counts: Streamlit cleans up after a first call that a second one overtook. */
let latest;

/** Streamlit calls this when the data or the theme changes, and what it returns when the course is left. */
export default function course({data, setStateValue}) {
    const mine = latest = {};
    if (data.fresh) {
        setStateValue("remembered", kept());
    } else {
        keep(data.looks);
    }
    if (place !== undefined && place !== data.place) scroller().scrollTo(0, 0);
    place = data.place;
    document.addEventListener("keydown", onKey);
    drawn.observe(scroller(), {childList: true, subtree: true});
    return () => {
        if (latest !== mine) return;
        document.removeEventListener("keydown", onKey);
        drawn.disconnect();
        place = undefined;
    };
}
