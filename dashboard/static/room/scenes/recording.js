// A scene of what is on the page now.

import { stageOnPage } from "../../stage/on_page.js";
import { linkHere, pageHere } from "./playing.js";
import { LENGTHS, WITH_STAGE } from "./scene.js";

/** @returns {import("./scene.js").Scene} */
export function recorded() {
  const page = pageHere();
  const stage = WITH_STAGE.has(page) ? stageOnPage() : undefined;
  const { epoch = "0", beat = "" } = stage?.root.dataset ?? {};
  const heading = document.querySelector("[data-testid='stMain'] h2")?.textContent ?? "";
  const title = stage ? `${beat || "Epoch"} ${epoch}: ${stage.message}` : heading || page;
  return {
    title: shortened(title[0].toUpperCase() + title.slice(1)),
    link: linkHere(),
    page,
    epoch: Number(epoch),
    beat,
    speed: stage?.player.speed ?? 1,
    notes: "",
    question: null,
  };
}

function shortened(title) {
  return title.length > LENGTHS.title ? `${title.slice(0, LENGTHS.title - 1)}…` : title;
}
