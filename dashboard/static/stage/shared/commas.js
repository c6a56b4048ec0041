// Commas in the page's number fields. A browser whose language has decimal points throws a typed comma away without a
// word, and 0,05 would be 5: here it is the decimal comma that was meant, or refused in a sentence.

const NUMBER = 'input[type="number"]';
const REFUSAL = "Whole numbers are written without a comma, as 1000.";
const SAID = 4000; // ms that a refusal is shown
const PAUSE = 1000; // ms without a key, after which a new number begins

/** A point that has proved to stand between thousands, by the next one or a comma. */
const THOUSANDS = /^-?[1-9]\d*\.\d{3}$/;

let inserting = false;
/** The field whose number was refused, and until when what is typed into it belongs to that number. */
let refused = { field: null, until: 0 };

/** From now on, in every field of the page. Said again, it changes nothing. */
export function understandCommas() {
  document.addEventListener("beforeinput", typed, true);
  document.addEventListener("paste", pasted, true);
}

/**
 * A number from elsewhere as a field takes it: without what stands between thousands, with a decimal point.
 * Of points and commas together the last one is the decimal one; several of one kind are between thousands.
 * @param {string} text
 */
export function fromElsewhere(text) {
  const bare = text.trim().replaceAll("\u2212", "-").replaceAll(/[\s'\u2019]/g, "");
  const last = Math.max(bare.lastIndexOf(","), bare.lastIndexOf("."));
  if (last < 0) return bare;
  const many = bare.split(bare[last]).length > 2;
  const whole = bare.slice(0, last).replaceAll(/[.,]/g, "");
  return whole + (many ? "" : ".") + bare.slice(last + 1);
}

/** @param {InputEvent} event */
function typed(event) {
  const field = /** @type {HTMLInputElement} */ (event.target);
  if (inserting || !field.matches(NUMBER) || event.inputType !== "insertText") return;
  if (field === refused.field && performance.now() < refused.until) {
    event.preventDefault();
    refused.until = performance.now() + PAUSE;
  } else if ((event.data === "," || event.data === ".") && THOUSANDS.test(field.value) && !isWhole(field)) {
    event.preventDefault();
    replace(field, `${field.value.replace(".", "")}.`);
  } else if (event.data === ",") {
    event.preventDefault();
    if (isWhole(field)) refuse(field);
    else if (!insert(field, ",")) insert(field, ".");
  }
}

/** @param {ClipboardEvent} event */
function pasted(event) {
  const field = /** @type {HTMLInputElement} */ (event.target);
  if (!field.matches?.(NUMBER)) return;
  event.preventDefault();
  const text = fromElsewhere(event.clipboardData.getData("text/plain"));
  if (isWhole(field) && text.includes(".")) refuse(field);
  else insert(field, text);
}

/** Whether the field takes whole numbers only: its bound and its steps are. */
function isWhole(field) {
  return Number.isInteger(Number(field.step)) && Number.isInteger(Number(field.min));
}

/** As if it were typed. Returns whether the browser took any of it. */
function insert(field, text) {
  let taken = false;
  const notice = () => {
    taken = true;
  };
  inserting = true;
  field.addEventListener("input", notice);
  document.execCommand("insertText", false, text);
  field.removeEventListener("input", notice);
  inserting = false;
  // Or it has only thrown away what was selected.
  return taken && (field.value !== "" || field.validity.badInput);
}

function replace(field, text) {
  field.select();
  if (text) insert(field, text);
  else document.execCommand("delete");
}

/** Empties the field, which then shows its former number again, and says why; what is typed on at once is lost. */
function refuse(field) {
  replace(field, "");
  refused = { field, until: performance.now() + PAUSE };
  const said = document.createElement("p");
  said.className = "refused";
  said.setAttribute("role", "alert");
  said.textContent = REFUSAL;
  const { left, bottom } = field.getBoundingClientRect();
  Object.assign(said.style, { left: `${Math.min(left, innerWidth - 240)}px`, top: `${bottom + 6}px` });
  document.body.append(said);
  setTimeout(() => said.remove(), SAID);
}
