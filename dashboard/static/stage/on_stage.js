// The stage that is on the page now, for whatever shows it to others.

/** @type {{current: import("./stage.js").Stage | null}} */
export const onStage = { current: null };
