// What Streamlit calls: turns its data into calls of the stage, and asks for the rows that are missing.

import { Stage } from "./stage.js";

const HURRY_MS = 120; // while the playhead waits for rows
const CALM_MS = 700; // while there are rows left to play
const HIDDEN_MS = 20_000; // in a hidden tab: a sign of life, so that the run goes on
const ANSWER_MS = 3_000; // after which a question counts as lost

await Promise.all([loadStyles("stage.css"), loadStyles("graph/graph.css"), import(new URL("../plotly.min.js", import.meta.url).href)]);

/** One stage and its conversation per place on the page. @type {WeakMap<Element, Conversation>} */
const conversations = new WeakMap();

/** Where the playhead of a run stood when its stage left the page: the lab and the graph show the same run. */
const places = new Map();

class Conversation {
  constructor(root) {
    this.stage = new Stage(
      root,
      () => this.send("stop", this.runId),
      () => this.setStateValue && this.ask({ last: this.complete }),
    );
    this.questions = Date.now(); // no two stages of a visit ask under the same number
    this.onVisibility = () => {
      if (!document.hidden && !this.complete) this.askSoon(0);
    };
    document.addEventListener("visibilitychange", this.onVisibility);
    markPage();
  }

  /** The server has answered. Answers may repeat: only rows that continue ours are taken. */
  hear({ data, setStateValue, setTriggerValue }) {
    this.setStateValue = setStateValue;
    this.send = setTriggerValue;
    this.stage.setTheme();
    if (!data) return;
    const { stage } = this;
    if (data.scene && data.sceneId !== stage.sceneId) stage.setScene(data.sceneId, JSON.parse(data.scene));
    if (data.play !== this.play || data.runId !== this.runId) {
      const again = data.runId === this.runId && stage.columns.count > 0;
      this.play = data.play;
      this.runId = data.runId;
      if (again) stage.replay();
      else stage.begin(data.epochs, data.started, places.get(placeOf(data)));
    }
    if (data.view !== this.view) {
      this.view = data.view;
      const alone = data.view === "graph";
      if (alone || stage.graph.large) stage.graph.setLarge(alone, alone);
    }
    if (data.moments) stage.moments.receive(data.moments);
    const rows = data.start === stage.columns.count ? rowsOf(data.rows) : null;
    const count = stage.columns.count + (rows?.b.length ?? 0);
    // A run whose last rows are still to come has not ended here.
    stage.receive(rows, count >= data.count ? data.status : { ...data.status, stop: null });
    const lacking = count < data.count || data.sceneId !== stage.sceneId;
    const complete = !lacking && (!data.started || Boolean(data.status.stop));
    if (!complete) this.askSoon(lacking ? 0 : stage.player.waiting ? HURRY_MS : CALM_MS);
    // The last question says what is here now, so that a later answer sends none of it again.
    else if (data.scene || data.start < count) this.ask({ last: true });
    else clearTimeout(this.timer);
    this.complete = complete;
  }

  askSoon(delay) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.ask(), document.hidden ? HIDDEN_MS : delay);
  }

  ask({ last = false } = {}) {
    clearTimeout(this.timer);
    this.questions += 1;
    const { stage } = this;
    this.setStateValue("have", {
      run: this.runId ?? null,
      count: stage.columns.count,
      scene: stage.sceneId ?? null,
      hidden: document.hidden,
      moments: stage.moments.wanted,
      question: this.questions,
    });
    if (!last) this.timer = setTimeout(() => this.ask(), document.hidden ? HIDDEN_MS : ANSWER_MS);
  }

  end() {
    clearTimeout(this.timer);
    places.clear();
    places.set(placeOf(this), this.stage.player.epoch);
    document.removeEventListener("visibilitychange", this.onVisibility);
    this.stage.dispose();
    markPage();
  }
}

/**
 * Says on the page whether there is a stage on it, for the styles of what is around: they stay when the stage goes.
 * A `:has()` would say it too, but would cost every frame several times as much as the frame itself.
 */
function markPage() {
  document.documentElement.classList.toggle("with-stage", document.querySelector("[data-testid='stage']") !== null);
}

export default function lab(component) {
  const root = component.parentElement.querySelector("[data-testid='stage']");
  if (!root) return undefined;
  let conversation = conversations.get(root);
  if (!conversation) {
    conversation = new Conversation(root);
    conversations.set(root, conversation);
  }
  conversation.hear(component);
  // Streamlit also cleans up after a first call that a second one overtook: then the stage is still in its place.
  return () => setTimeout(() => {
    if (root.isConnected || conversations.get(root) !== conversation) return;
    conversation.end();
    conversations.delete(root);
  });
}

function placeOf({ runId, play }) {
  return `${runId} ${play}`;
}

/** An Arrow table as arrays by name. */
function rowsOf(table) {
  if (!table) return null;
  return Object.fromEntries(table.schema.fields.map(({ name }) => [name, table.getChild(name).toArray()]));
}

function loadStyles(name) {
  const link = document.createElement("link");
  link.rel = "stylesheet";
  link.href = new URL(name, import.meta.url).href;
  return new Promise((resolve) => {
    link.onload = link.onerror = resolve;
    document.head.append(link);
  });
}
