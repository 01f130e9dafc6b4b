/* The keys and buttons with which the photos of a page are corrected; see `correct_editor.js`. */

import { acts, markToJoin, nudge, root, stage, words } from "./correct_editor.js";
import { keyboard } from "./keyboard.js";

/** Let a key act, unless a dialog is open. */
const on = (key, description, act) => keyboard.on(key, description, () => (document.querySelector("dialog[open]") ? false : act()));

for (const button of root.querySelectorAll("[data-do]")) {
  const act = acts[button.dataset.do];
  if (!act) continue; // a button of the zoom
  button.addEventListener("click", () => act());
  if (button.dataset.key) on(button.dataset.key, button.dataset.keyText, () => { act(); });
}
for (const [key, link] of [["j", ".beside a[rel=next]"], ["k", ".beside a[rel=prev]"], ["e", "a.done"]]) {
  const found = document.querySelector(link);
  if (found) on(key, found.dataset.keyText, () => found.click());
}

/* Enter and Space belong to buttons and links; on the scan they save, and mark what is to be joined. */
const onScan = () => document.activeElement === document.body || stage.contains(document.activeElement);
on("Enter", words.save, () => (onScan() ? void acts.save() : false));
on("Escape", words.leave, () => { acts.leave(); });
on("Space", words.mark_to_join, () => (onScan() ? markToJoin() : false));
const ways = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
for (const [key, way] of Object.entries(ways)) {
  on(key, words.arrows, () => (stage.contains(document.activeElement) ? nudge(key, way) : false));
}
