/* The list of samples: one that nobody has answered is deleted, by undoing its draw; a coder takes
   back all answers to one. */

import { sayKept, sayNext, undo, undoByKey, undoTogether } from "./corrections.js";
import { journal, poke } from "./journal_sender.js";
import { adoptEarlier } from "./review_answer.js";

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
    sayNext(document.querySelector("#messages").textContent.trim());
    location.reload();
  });
}
adoptEarlier(journal);
poke();
undoByKey();
sayKept();
