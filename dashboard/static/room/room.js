// The room as its lecturer's page talks to it: plain requests, each with the secret.

import { hearTime } from "./asking/server_clock.js";

/** What the server has answered: `status` 0 where there was no answer. */
export class Refused extends Error {
  /** @param {number} status @param {string} sentence what to do; empty where something else than a room has answered */
  constructor(status, sentence) {
    super(sentence);
    this.status = status;
  }
}

const SILENT = "The server does not answer: the lecture goes on once it is there again.";

/** @param {string} address @param {RequestInit & {secret?: string}} how @returns {Promise<Response>} */
async function asked(address, { secret, ...how }) {
  let answer;
  try {
    const headers = { "Content-Type": "application/json", ...(secret && { "X-Presenter": secret }) };
    answer = await fetch(address, { headers, cache: "no-store", ...how });
  } catch {
    throw new Refused(0, SILENT);
  }
  hearTime(answer);
  if (answer.ok) return answer;
  const told = await answer.json().catch(() => null);
  throw new Refused(answer.status, told?.error ?? "");
}

export class LecturersRoom {
  /**
   * @param {string} base where the rooms are, with no slash at its end
   * @param {{code: string, secret: string, address: string, qr: string}} room
   */
  constructor(base, room) {
    Object.assign(this, room);
    this.base = base;
    this.at = `${base}/${room.code}`;
  }

  /** A new room; or one that the server has forgotten, by its code and secret. @param {object} [known] */
  static async open(base, known = {}) {
    const answer = await asked(base, { method: "POST", body: JSON.stringify(known) });
    const room = answer.status === 201 ? await answer.json().catch(() => null) : null;
    if (!room?.secret) throw new Refused(answer.status, "");
    return new LecturersRoom(base, room);
  }

  /** @param {object} state what followers see from now on */
  async tell(state) {
    await asked(`${this.at}/state`, { method: "POST", body: JSON.stringify(state), secret: this.secret });
  }

  /** Who is there, and what they have answered. @param {{of: string, turn: number}} known of a turn, whose further changes are told */
  async look({ of, turn }) {
    const answer = await asked(`${this.at}/lecture?${new URLSearchParams({ of, turn: String(turn) })}`, { secret: this.secret });
    return answer.json();
  }

  /** What followers may try in what is shown, by field; `Refused` where that is nothing. @returns {Promise<Record<string, number[]>>} */
  async offer() {
    const answer = await asked(`${this.at}/offer`, { secret: this.secret });
    return answer.json();
  }

  async end() {
    await asked(this.at, { method: "DELETE", secret: this.secret });
  }
}
