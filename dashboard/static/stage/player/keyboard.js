// The keys of a video player, anywhere on the page where they mean nothing else.

const SPEED_KEYS = { "<": -1, ">": 1 };

/**
 * @param {() => void} save asks how to take along what is looked at
 * @param {() => void} done called after every key that was ours
 * @returns {() => void} takes the keys away again
 */
export function listen(player, speeds, save, done) {
  const onKey = (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || player.state === "idle" || player.held) return;
    const action = actionOf(event, player, speeds, save);
    if (!action || isTakenBy(event.target, event.key)) return;
    event.preventDefault();
    action();
    done();
  };
  document.addEventListener("keydown", onKey);
  return () => document.removeEventListener("keydown", onKey);
}

function actionOf({ key, shiftKey }, player, speeds, save) {
  const stride = shiftKey ? 10 : 1;
  const page = Math.max(1, Math.round(player.epochs / 10));
  switch (key) {
    case " ":
    case "k":
      return () => player.toggle();
    case "ArrowLeft":
      return () => player.step(-stride);
    case "ArrowRight":
      return () => player.step(stride);
    case ".":
      return () => player.stepBeat(1);
    case ",":
      return () => player.stepBeat(-1);
    case "j":
      return () => player.step(-10);
    case "l":
      return () => player.step(10);
    case "PageDown":
      return () => player.step(-page);
    case "PageUp":
      return () => player.step(page);
    case "Home":
      return () => player.seek(0);
    case "End":
      return () => player.seek(Infinity);
    case "s":
      return save;
    default:
      if (key in SPEED_KEYS) {
        const at = speeds.indexOf(player.speed) + SPEED_KEYS[key];
        return () => player.setSpeed(speeds[Math.min(Math.max(at, 0), speeds.length - 1)]);
      }
      // 0 to 9: tenths of the way, as in video players.
      return /^[0-9]$/.test(key) ? () => player.seek((player.epochs * Number(key)) / 10) : null;
  }
}

/** Whether the focused element has a use of its own for the key. */
function isTakenBy(target, key) {
  if (!(target instanceof Element)) return false;
  // A button needs space alone: after a click on Train the arrows are the player's.
  if (target.closest("button, a, summary")) return key === " ";
  if (target.closest("[data-testid='stage']")) {
    // The bar's slider is the playhead, so its keys are ours; what scrolls keeps the keys that scroll it, a list all, and
    // so does the slider of a sweep.
    if (target.closest(".code, .agreement, .rows, .graph")) return [" ", "Home", "End", "PageUp", "PageDown"].includes(key);
    return Boolean(target.closest("select, input[type='radio'], .sweep-value"));
  }
  return Boolean(
    target.closest(
      "input, textarea, select, [contenteditable], [role='slider'], [role='combobox'], [role='listbox'], " +
        "[role='dialog'], [role='menu'], [role='radio'], [role='tab']",
    ),
  );
}
