/* The question that a desk is opened for: asked for now and then, looked at when a look is due.

   Where its interval lies isn't shown: it is in part the machine's share, and who codes is blind. */

import { filled } from "./review_interval.js";

const PAUSE_MS = 800; // after the last answer that was stored

export class AskedQuestion {
  #place;
  #timer = 0;
  #asking = false;

  constructor(place) {
    this.#place = place;
  }

  /** Ask how far it is by now, a moment after the last answer. */
  soon() {
    if (!this.#place) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#ask(), PAUSE_MS);
  }

  async #ask() {
    if (this.#asking) return this.soon();
    this.#asking = true;
    try {
      let answer = await fetch(this.#place.dataset.question);
      if (answer.ok && (await answer.clone().json()).is_due) answer = await fetch(this.#place.dataset.looks, { method: "POST" });
      if (answer.ok) this.#tell(await answer.json());
    } catch {
      // The next answer asks again.
    } finally {
      this.#asking = false;
    }
  }

  #tell({ verdict, plans, next_after: next }) {
    const words = this.#place.dataset;
    const plan = plans.at(-1);
    const isDecided = verdict !== "undecided";
    let text = words[isDecided ? verdict : "done"];
    if (!isDecided && next !== null && plan) text = filled(words.progress, { answered: plan.answered, planned: plan.photos, next });
    this.#place.querySelector("[data-show=question]").textContent = text;
    this.#place.classList.toggle("good", isDecided);
    if (isDecided && !this.#place.dataset.decided) {
      this.#place.dataset.decided = verdict;
      this.#place.querySelector("a").focus();
    }
  }
}
