/* The question that a desk is opened for: asked for now and then, looked at when a look is due.

   Where its interval lies isn't shown: it is in part the machine's share, and who codes is blind. */

import { filled } from "./review_interval.js";

const PAUSE_MS = 800; // from an answer that was stored to the question; answers between wait with it
const AGAIN_MS = 3000; // until a server that is busy, or can't be reached, is asked again

export class AskedQuestion {
  #place;
  #timer = 0;
  #isAsking = false;

  constructor(place) {
    this.#place = place;
  }

  /** Ask how far it is by now, a moment after an answer; however fast answers come, it is asked. */
  soon(pause = PAUSE_MS) {
    if (!this.#place || this.#timer) return;
    this.#timer = setTimeout(() => this.#ask(), pause);
  }

  async #ask() {
    this.#timer = 0;
    if (this.#isAsking) return this.soon();
    this.#isAsking = true;
    const state = await this.#fetched().catch(() => null);
    this.#isAsking = false;
    if (state) this.#tell(state);
    else this.soon(AGAIN_MS);
  }

  /** The question, once the look that is due is made; null where the server is busy. */
  async #fetched() {
    const answer = await fetch(this.#place.dataset.question);
    const state = answer.ok ? await answer.json() : null;
    if (!state?.is_due) return state;
    const looked = await fetch(this.#place.dataset.looks, { method: "POST" });
    return looked.ok ? looked.json() : null;
  }

  #tell({ verdict, plans, looks, next_after: next }) {
    const words = this.#place.dataset;
    const plan = plans.at(-1);
    const isDecided = verdict !== "undecided";
    const goesOn = !isDecided && next !== null && plan;
    const at = looks.at(-1)?.answered;
    const looked = at ? `${filled(words.looked, { at })} ` : "";
    const { photos: planned, answered } = plan ?? {};
    const text = goesOn ? looked + filled(words.progress, { left: planned - answered, planned, next }) : words[isDecided ? verdict : "done"];
    this.#place.querySelector("[data-show=question]").textContent = text;
    this.#place.classList.toggle("good", isDecided);
    const answer = this.#place.querySelector("[data-show=answer]");
    const isNew = answer.hidden && !goesOn;
    answer.hidden = goesOn;
    if (!isNew) return;
    this.#place.scrollIntoView({ block: "nearest" });
    answer.querySelector("a").focus({ preventScroll: true });
  }
}
