/* How a desk is looked at: the whole screen with a dark surround, the brightness of pictures, and
   swipes on a touch screen. */

import { say } from "./corrections.js";
import { filled } from "./review_interval.js";

const STEP = 0.15;
const [LEAST, MOST] = [0.4, 2.2];
const BRIGHT = "presslens.review-bright"; // kept for the session
const FAR = 60; // pixels of a swipe
const STRAIGHT = 1.5; // how much further it goes its way than across it

export class Look {
  #root;
  #theme; // what the page had before the surround
  #bright = Number(sessionStorage.getItem(BRIGHT) ?? 1);

  /** `swiped(answer)`: what a swipe over the picture does. */
  constructor(root, swiped) {
    this.#root = root;
    this.#apply();
    foldTools(root.querySelector(".tools details"));
    const stage = root.querySelector("[data-show=stage]");
    let from = null;
    stage.addEventListener("pointerdown", (event) => (from = event.pointerType === "touch" && event.isPrimary ? [event.clientX, event.clientY] : null));
    stage.addEventListener("pointercancel", () => (from = null));
    stage.addEventListener("pointerup", (event) => {
      const answer = from && swipe(event.clientX - from[0], event.clientY - from[1]);
      from = null;
      if (answer) swiped(answer);
    });
    document.addEventListener("fullscreenchange", () => (document.fullscreenElement ? null : this.#leave()));
  }

  /** Give the desk the whole screen, with a dark surround, or take it back. */
  toggleSurround() {
    if (this.#root.classList.contains("surround")) {
      if (document.fullscreenElement) document.exitFullscreen();
      this.#leave();
      return;
    }
    const { dataset } = document.documentElement;
    this.#theme = dataset.theme ?? "";
    dataset.theme = "dark";
    this.#root.classList.add("surround");
    this.#button.setAttribute("aria-pressed", "true");
    document.body.requestFullscreen?.().catch(() => {}); // the surround alone is dark then
  }

  #leave() {
    if (!this.#root.classList.contains("surround")) return;
    this.#root.classList.remove("surround");
    this.#button.setAttribute("aria-pressed", "false");
    if (this.#theme) document.documentElement.dataset.theme = this.#theme;
    else delete document.documentElement.dataset.theme;
  }

  get #button() {
    return this.#root.querySelector("[data-do=surround]");
  }

  /** Make pictures brighter, or with -1 darker. */
  brighten(sign) {
    this.#bright = Math.min(MOST, Math.max(LEAST, Math.round(100 * (this.#bright + sign * STEP)) / 100));
    sessionStorage.setItem(BRIGHT, String(this.#bright));
    this.#apply();
    const n = this.#bright.toLocaleString(document.documentElement.lang, { style: "percent" });
    say(filled(this.#root.dataset.bright, { n }));
  }

  #apply() {
    this.#root.style.setProperty("--bright", String(this.#bright));
  }
}

/** The answer that a way of a finger means; null: none. */
function swipe(right, down) {
  const [across, along] = [Math.abs(right), Math.abs(down)];
  if (across > FAR && across > STRAIGHT * along) return right > 0 ? "yes" : "no";
  return down < -FAR && along > STRAIGHT * across ? "cant_tell" : null;
}

/** Fold the tools that are seldom used once one is used, where they lie over the picture. */
function foldTools(more) {
  const narrow = matchMedia("(max-width: 52rem)");
  more.addEventListener("click", (event) => (narrow.matches && event.target.closest("button") ? (more.open = false) : null));
}
