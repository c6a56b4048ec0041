// How often what was answered: a bar for each choice, or one for each bin of numbers; one's own answer and the truth marked.

import { element } from "../../stage/shared/dom.js";
import { answered } from "./results.js";

const RIGHT = "✓";

/** Of more bins than these a phone has no room to write all edges. */
const MANY = 6;

export class Histogram {
  /** @param {HTMLElement} parent */
  constructor(parent) {
    this.root = element("div", "histogram", parent);
    this.shown = "";
  }

  /**
   * @param {object} question with `truth`, where that is known
   * @param {object | null} counts how often what was answered, as the room counts it
   * @param {string | number} [own] what was answered here
   */
  show(question, counts, own) {
    const { kind, choices, truth } = question;
    const shown = JSON.stringify([kind, choices, truth, counts, own]);
    if (shown === this.shown) return;
    this.shown = shown;
    this.root.classList.toggle("of-numbers", kind === "number");
    const made = kind === "number" ? ofNumbers(counts, truth, own) : ofChoices(choices, counts, truth, own);
    this.root.replaceChildren(...made);
  }
}

function ofChoices(choices, counts, truth, own) {
  const found = new Map(counts?.choices ?? []);
  const all = Math.max(counts?.answered ?? 0, 1);
  const list = element("ul");
  for (const choice of choices) {
    const row = element("li", "", list);
    const words = element("span", "words", row);
    element("span", "choice", words).textContent = choice;
    if (choice === truth) element("span", "mark right", words).textContent = `${RIGHT} right`;
    if (choice === own) element("span", "mark", words).textContent = "your answer";
    element("b", "", words).textContent = String(found.get(choice) ?? 0);
    const bar = element("div", "bar", row);
    bar.style.setProperty("--share", String((found.get(choice) ?? 0) / all));
    row.classList.toggle("right", choice === truth);
  }
  return [list];
}

function ofNumbers(counts, truth, own) {
  if (!counts?.answered) {
    const none = element("p", "none");
    none.textContent = "No answers yet.";
    return [none];
  }
  const { bins, below = 0, above = 0, median } = counts;
  const columns = [
    ...(below ? [{ count: below, low: null }] : []),
    ...bins.map(([low, , count]) => ({ count, low })),
    ...(above ? [{ count: above, low: bins.at(-1)[1] }] : []),
  ];
  const most = Math.max(...columns.map(({ count }) => count));
  const chart = element("div", "bins");
  chart.setAttribute("role", "img");
  chart.setAttribute("aria-label", spoken(counts));
  for (const { count, low } of columns) {
    const column = element("div", "bin", chart);
    element("b", "", column).textContent = count ? String(count) : "";
    element("div", "bar", column).style.setProperty("--share", String(count / most));
    element("span", "edge", column).textContent = low === null ? "less" : answered(low);
  }
  chart.classList.toggle("many", columns.length > MANY);
  const last = above ? "more" : answered(bins.at(-1)[1]);
  element("span", "edge last", chart).textContent = last;
  const within = (value) => (place(value, bins) * bins.length + (below ? 1 : 0)) / columns.length;
  const marks = [["median", median, "median"], ["own", own, "yours"], ["right", truth, RIGHT]];
  for (const [name, value] of marks) {
    if (typeof value !== "number") continue;
    const mark = element("div", `at ${name}`, chart);
    mark.style.setProperty("--at", String(Math.min(Math.max(within(value), 0), 1)));
  }
  const legend = element("p", "legend");
  for (const [name, value, words] of marks) {
    if (typeof value !== "number") continue;
    element("span", `mark ${name}`, legend).textContent = `${words} ${answered(value)}`;
  }
  return [chart, legend];
}

/** Where a number is among the bins: from 0 to 1, a little beyond where it is in none of them. */
function place(value, bins) {
  const [low, high] = [bins[0][0], bins.at(-1)[1]];
  const margin = 0.5 / bins.length;
  return Math.min(Math.max((value - low) / (high - low), -margin), 1 + margin);
}

/** The histogram for those who do not see it. */
function spoken({ bins, below = 0, above = 0, median }) {
  const parts = bins.filter(([, , count]) => count).map(([low, high, count]) => `${count} from ${answered(low)} to ${answered(high)}`);
  if (below) parts.unshift(`${below} below ${answered(bins[0][0])}`);
  if (above) parts.push(`${above} above ${answered(bins.at(-1)[1])}`);
  return `Answers: ${parts.join(", ")}; median ${answered(median)}`;
}
