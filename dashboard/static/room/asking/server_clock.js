// The server's clock, by which a countdown ends at the same moment for all: a phone's own may be minutes off.

/** Its answers tell whole seconds; a clock that differs by less is as good. */
const WORTH_MS = 1500;

let ahead = 0;

/** An answer of the server has come. @param {Response} answer */
export function hearTime(answer) {
  const told = Date.parse(answer.headers.get("Date") ?? "");
  if (Number.isNaN(told)) return;
  const apart = told + 500 - Date.now();
  ahead = Math.abs(apart) < WORTH_MS ? 0 : apart;
}

/** Milliseconds since 1970. */
export function serverNow() {
  return Date.now() + ahead;
}

/** Whole seconds until then, 0 once it is over. @param {number} until */
export function secondsLeft(until) {
  return Math.max(0, Math.ceil((until - serverNow()) / 1000));
}
