/* The log: each change that is in force can be undone where it stands. */

import { askCoder, undo, undoByKey, undoTogether } from "./corrections.js";
import { keyboard } from "./keyboard.js";

const next = document.querySelector(".beside a[rel=next]");
if (next) keyboard.on("j", next.dataset.keyText, () => next.click());
undoByKey();

for (const button of document.querySelectorAll("button.undo")) {
  button.hidden = false;
  button.addEventListener("click", async () => {
    await askCoder();
    await undo(Number(button.dataset.edit)).catch(() => null); // the page says why
  });
}

for (const button of document.querySelectorAll("button.undo-all")) {
  button.hidden = false;
  button.addEventListener("click", async () => {
    if (!confirm(button.dataset.sure)) return;
    await askCoder();
    const rows = [...button.closest("td").querySelectorAll("button.undo")];
    const done = await undoTogether({ edits: rows.map((one) => Number(one.dataset.edit)) }).catch(() => null);
    if (!done) return; // the page says why
    button.closest("td").querySelector("summary").focus();
    button.remove();
  });
}

document.addEventListener("undone", ({ detail }) => {
  const row = document.getElementById(`edit-${detail.id}`);
  const button = row?.querySelector("button.undo");
  if (!button) return;
  const had = button === document.activeElement;
  const told = row.querySelector(".undone-by");
  told.textContent = told.dataset.by.replace("{}", detail.undone_by);
  told.hidden = false;
  row.classList.add("undone");
  button.remove();
  if (had) told.focus();
});
