/* The width of each interval as it shrinks: asked for now and then, never in the way of a key.

   Where the interval lies isn't shown: it is in part the machine's share, and who codes is blind. */

import { Kept } from "./review_kept.js";

const PAUSE_MS = 1200; // after the last decision
const LEAST_MS = 3000; // between two questions
const MOST = 400;

export class ShrinkingIntervals {
  #desk;
  #kept;
  #timer = 0;
  #asked = -LEAST_MS;
  #asking = false;

  constructor(desk) {
    this.#desk = desk;
    this.#kept = new Kept(`intervals.${desk.dataset.sample}`);
    this.#draw();
  }

  /** Ask how wide they are by now, a moment after the last decision. */
  soon() {
    if (!this.#desk.querySelector(".shrinking")) return;
    clearTimeout(this.#timer);
    const pause = Math.max(PAUSE_MS, this.#asked + LEAST_MS - performance.now());
    this.#timer = setTimeout(() => this.#ask(), pause);
  }

  async #ask() {
    if (this.#asking) return;
    this.#asking = true;
    this.#asked = performance.now();
    try {
      const answer = await fetch(this.#desk.dataset.estimates);
      if (answer.ok) this.#take((await answer.json()).estimates);
    } catch {
      // The next decision asks again.
    } finally {
      this.#asking = false;
    }
  }

  #take(estimates) {
    const kept = this.#kept.get({});
    for (const { measure, drawn: answered, interval, provisional } of estimates) {
      if (!interval || answered === 0) continue;
      const points = (kept[measure] ?? []).filter(([n]) => n < answered);
      kept[measure] = [...points, [answered, ...interval, provisional]].slice(-MOST);
    }
    this.#kept.set(kept);
    this.#draw();
  }

  #draw() {
    const kept = this.#kept.get({});
    for (const figure of this.#desk.querySelectorAll(".shrinking")) {
      const points = kept[figure.dataset.measure];
      if (!points?.length) continue;
      const last = points.at(-1);
      const told = this.#desk.dataset;
      const wide = ([, low, high]) => high - low;
      const pointsWide = (share) => filled(told.points, { width: percent(share).replace("%", "") });
      const words = { width: pointsWide(wide(last)), n: last[0] };
      figure.querySelector("[data-show=band]").textContent = filled(last[0] === 1 ? told.bandOne : told.band, words) + (last[3] ? `, ${told.provisional}` : "");
      figure.classList.toggle("few", Boolean(last[3]));
      const shape = figure.querySelector(".band");
      shape.closest("svg").toggleAttribute("hidden", points.length === 1); // as yet it has not shrunk
      const [first, most] = [points[0][0], Math.max(last[0], points[0][0] + 1)];
      const top = Math.max(...points.map(wide), 0.01);
      const axis = figure.querySelector("[data-show=axis]");
      axis.hidden = points.length === 1;
      axis.textContent = filled(axis.dataset.text, { first, n: last[0], width: pointsWide(top) });
      const at = (n, share) => `${(100 * (n - first)) / (most - first)},${20 - (40 * share) / top}`;
      const upper = points.map((one) => at(one[0], wide(one) / 2));
      const lower = points.map((one) => at(one[0], -wide(one) / 2));
      shape.setAttribute("points", [...upper, ...lower.reverse()].join(" "));
      figure.hidden = false;
    }
  }
}

/** A share, 0–1, in percent, as pages write it: below 10 % to a tenth of a percent. */
export function percent(share) {
  const maximumFractionDigits = share < 0.1 ? 1 : 0;
  return share.toLocaleString(document.documentElement.lang, { style: "percent", maximumFractionDigits });
}

/** A text with its {names} filled in. */
export function filled(text, values) {
  return text.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");
}
