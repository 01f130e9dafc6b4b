/* The list of samples: one that nobody has answered is deleted, by undoing its draw; a coder takes
   back all answers to one. */

import { say, undo, undoByKey, undoTogether } from "./corrections.js";

const SAID = "review-said"; // what the list says once it is loaded again

for (const button of document.querySelectorAll("[data-take-back]")) {
  button.hidden = false;
  button.addEventListener("click", async () => {
    if (await undo(Number(button.dataset.takeBack)).catch(() => null)) button.closest("article").remove();
  });
}
for (const button of document.querySelectorAll("[data-mine]")) {
  button.hidden = false;
  button.addEventListener("click", async () => {
    if (!confirm(button.dataset.sure)) return;
    const { mine, by } = button.dataset;
    const done = await undoTogether({ sample: Number(mine), by }).catch(() => null);
    if (!done) return; // the page says why
    sessionStorage.setItem(SAID, document.querySelector("#messages").textContent);
    location.reload();
  });
}
undoByKey();
const said = sessionStorage.getItem(SAID);
if (said) say(said.trim());
sessionStorage.removeItem(SAID);
