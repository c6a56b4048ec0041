/**
 * The course's browser half: keeps what was predicted for as long as the tab is open, turns the pages by key, and
 * begins each place at its top. What the page shows, Streamlit draws.
 */

const STORE = "gradient-descent-lab/course";
const TYPING = "input:not([type=radio]), textarea, select, [role=slider], [role=combobox], [contenteditable=true]";
const ROOM = 8;

/** What was kept, by cell; empty if nothing was, or if this browser keeps nothing. */
function kept() {
    try {
        return JSON.parse(sessionStorage.getItem(STORE) ?? "{}");
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
    const places = ideas().map(idea => [idea, idea.getBoundingClientRect().top - top - margin(idea)]);
    const [idea] = (forward
        ? places.find(([, offset]) => offset > ROOM)
        : places.findLast(([, offset]) => offset < -ROOM)) ?? [];
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    idea?.scrollIntoView({block: "start", behavior: still ? "auto" : "smooth"});
    return idea !== undefined;
}

const margin = idea => parseFloat(getComputedStyle(idea).scrollMarginTop) || 0;

/** @param {KeyboardEvent} event */
function onKey(event) {
    if (event.defaultPrevented || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
    if (event.target.closest?.(TYPING)) return;
    const {key} = event;
    // Arrows move among the options of a list that has the focus.
    if ((key === "ArrowLeft" || key === "ArrowRight") && !event.target.closest?.("[role=radiogroup]")) {
        event.preventDefault();
        turn(key);
    } else if ((key === "PageDown" || key === "PageUp") && step(key === "PageDown")) {
        event.preventDefault();
    }
}

let place;

/** Streamlit calls this whenever the data changes, and what it returns when the course is left. */
export default function course({data, setStateValue}) {
    if (data.fresh) {
        setStateValue("remembered", kept());
    } else {
        keep(data.looks);
    }
    if (place !== undefined && place !== data.place) scroller().scrollTo(0, 0);
    place = data.place;
    document.addEventListener("keydown", onKey);
    return () => {
        document.removeEventListener("keydown", onKey);
        place = undefined;
    };
}
