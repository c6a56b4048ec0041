// The page that needs no server: a stage that plays from what the page itself holds, and a line of words below it.

import { copyPlainly } from "../stage/shared/copy.js";
import { button, element } from "../stage/shared/dom.js";
import { ALL as PANELS } from "../stage/panels/shown.js";
import { File } from "../stage/sources/file.js";
import { Stage } from "../stage/stage.js";
import { blockedNote } from "../stage/takeaway/blocked.js";
import { saveText } from "../stage/takeaway/files.js";

const root = document.querySelector("[data-testid='stage']");
const about = JSON.parse(document.querySelector("#about").textContent);

/** By theme the other one, and what leads there. */
const OTHER = { light: { theme: "dark", words: "Dark page" }, dark: { theme: "light", words: "Light page" } };

const address = new URLSearchParams(location.search);

dress(address.get("theme") ?? (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light"));
const told = await unpackedTold();
choose(told);
const source = new File(told);
const stage = new Stage(root, source);
source.feed(stage);
document.addEventListener("copy", copyPlainly);
document.documentElement.classList.add("webpage");
fillFooter(document.querySelector("footer"));

/** What the page's address asks for, as a link to the lab does; what it does not know it leaves. */
function choose({ arrangement, choices, runs, ghost }) {
  for (const [name, words] of Object.entries(choices)) {
    if (words.includes(address.get(name))) arrangement[name] = address.get(name);
  }
  // Of one run alone everything is told by its epochs.
  if (runs.length - Number(ghost) < 2) arrangement.align = "epoch";
  const asked = new Set((address.get("show") ?? "").split(",").map((name) => name.trim().toLowerCase()));
  const shown = PANELS.filter((name) => asked.has(name));
  if (shown.length) arrangement.show = shown;
}

async function unpackedTold() {
  const bytes = Uint8Array.from(atob(document.querySelector("#told").textContent), (character) => character.charCodeAt(0));
  const text = await new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"))).text();
  return JSON.parse(text);
}

/** @param {string} theme "dark", or else light */
function dress(theme) {
  document.documentElement.dataset.theme = theme === "dark" ? "dark" : "light";
}

function fillFooter(footer) {
  const title = element("strong", "", footer);
  title.textContent = "Gradient Descent Lab";
  element("span", "title", footer).textContent = about.title;
  if (about.link) {
    const link = element("a", "", footer);
    const here = ["localhost", "127.0.0.1"].includes(new URL(about.link).hostname);
    const words = here ? "Open in a lab on this computer" : "Open in the lab";
    Object.assign(link, { href: about.link, target: "_blank", rel: "noopener", textContent: words });
  }
  const dialog = aboutDialog(footer);
  button(footer, "", "About this page", () => dialog.showModal());
  const theme = button(footer, "", OTHER[document.documentElement.dataset.theme].words, () => {
    dress(OTHER[document.documentElement.dataset.theme].theme);
    stage.setTheme();
    theme.textContent = OTHER[document.documentElement.dataset.theme].words;
  });
}

/** What the page holds, with what it was made, and the program. */
function aboutDialog(parent) {
  const dialog = element("dialog", "about", parent);
  dialog.setAttribute("aria-label", "About this page");
  element("h2", "", dialog).textContent = about.title;
  for (const note of about.notes) element("p", "", dialog).textContent = note;
  element("p", "versions", dialog).textContent = `Made with ${about.versions}.`;
  if (about.program) {
    const heading = element("h3", "", dialog);
    heading.textContent = `${about.program_title} `;
    button(heading, "", "Save", () => saveText("gradient-descent.py", about.program, "text/x-python"), "Save the program");
    blockedNote(dialog);
    const program = element("pre", "", dialog);
    program.textContent = about.program;
    program.tabIndex = 0;
  }
  // A form would do it too, but not in a frame that allows none.
  button(dialog, "", "Close", () => dialog.close());
  return dialog;
}
