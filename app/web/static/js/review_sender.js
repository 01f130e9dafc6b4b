/* Sends what a journal keeps, in its order, again and again until the server has stored it. */

const AT_ONCE = 50;
const SOONEST_MS = 200;
const LATEST_MS = 8000;
const PATIENCE_MS = 20000;

export class Sender {
  #journal;
  #address;
  #coder;
  #on;
  #running = false;
  #wait = SOONEST_MS;
  #wake = () => {};

  /** `on`: {stored(result, entry), refused(reason, entry), state(waiting, reached)}. */
  constructor(journal, address, coder, on) {
    this.#journal = journal;
    this.#address = address;
    this.#coder = coder;
    this.#on = on;
    addEventListener("online", () => this.poke());
  }

  /** Send what waits, unless it is being sent. */
  poke() {
    this.#wait = SOONEST_MS;
    this.#wake();
    if (!this.#running) this.#run();
  }

  async #run() {
    this.#running = true;
    // One tab at a time where the browser can tell; two would do no harm.
    const alone = navigator.locks ? (work) => navigator.locks.request(this.#address + this.#coder, work) : (work) => work();
    try {
      await alone(() => this.#drain());
    } finally {
      this.#running = false;
    }
    if (this.#journal.keys().length) this.#run();
  }

  async #drain() {
    for (let waiting = this.#journal.entries(); waiting.length; waiting = this.#journal.entries()) {
      this.#on.state(waiting.length, true);
      const sent = await this.#send(waiting.slice(0, AT_ONCE));
      if (!sent) {
        this.#on.state(waiting.length, false);
        await new Promise((resolve) => {
          this.#wake = resolve;
          setTimeout(resolve, this.#wait);
        });
        this.#wait = Math.min(2 * this.#wait, LATEST_MS);
      }
    }
    this.#on.state(0, true);
  }

  /** Whether the server has answered for each. */
  async #send(batch) {
    const body = JSON.stringify({ coder: this.#coder, answers: batch.map(([, entry]) => toSend(entry)) });
    const headers = { "Accept-Language": document.documentElement.lang, "Content-Type": "application/json" };
    let answer;
    try {
      answer = await fetch(this.#address, { method: "POST", headers, body, signal: AbortSignal.timeout(PATIENCE_MS) });
    } catch {
      return false;
    }
    if (answer.status === 422 && batch.length > 1) return this.#oneByOne(batch);
    if (answer.status === 422) {
      this.#settle(batch[0], { refused: (await answer.json()).detail });
      return true;
    }
    if (!answer.ok) return false;
    const told = await answer.json();
    batch.forEach((one, i) => this.#settle(one, told.answers[i]));
    this.#wait = SOONEST_MS;
    return true;
  }

  async #oneByOne(batch) {
    for (const one of batch) if (!(await this.#send([one]))) return false;
    return true;
  }

  #settle([key, entry], result) {
    this.#journal.drop(key);
    if (result.refused) this.#on.refused(result.refused, entry);
    else this.#on.stored(result, entry);
  }
}

/** An entry as the API takes it: its answer by measure, or as a focus. */
export function toSend({ client_id, item, question, answer, following, note, seconds, known, adjudicates, withdrawn }) {
  if (withdrawn) return { client_id, withdrawn };
  const shows = { yes: true, no: false, cant_tell: null };
  const given = { ...(question === "focus" ? {} : { [question]: answer }), ...following };
  const answers = Object.fromEntries(Object.entries(given).map(([name, word]) => [name, shows[word]]));
  return {
    client_id,
    item,
    ...(question === "focus" ? { focus: answer } : {}),
    ...(Object.keys(answers).length ? { answers } : {}),
    ...(note ? { note } : {}),
    ...(seconds === null ? {} : { seconds }),
    ...(known?.length ? { known } : {}),
    ...(adjudicates ? { adjudicates } : {}),
  };
}
