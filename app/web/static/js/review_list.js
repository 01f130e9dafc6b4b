/* The list of samples: one that nobody has answered is deleted, by undoing its draw. */

import { undo, undoByKey } from "./corrections.js";

for (const button of document.querySelectorAll("[data-take-back]")) {
  button.hidden = false;
  button.addEventListener("click", async () => {
    if (await undo(Number(button.dataset.takeBack)).catch(() => null)) button.closest("article").remove();
  });
}
undoByKey();
