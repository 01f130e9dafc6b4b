/* "Change this edition": its day, its newspaper, its pages; deleting it. The page loads again. */

import { askCoder, coder, latestEdit, sayNext, send, undo, undoByKey } from "./corrections.js";
import { choose } from "./edition_choices.js";

const panel = document.querySelector("#change");
const OPEN = `change ${location.pathname}`;

/** Send a change in the reader's name, and load the page again; nothing where it is refused. */
async function change(method, address, body, done = "") {
  await askCoder();
  if (body instanceof FormData) body.append("coder", coder());
  const named = body instanceof FormData || !coder() ? body : { ...body, coder: coder() };
  try {
    await send(method, address, named);
  } catch (refused) {
    return refused.problem ?? null;
  }
  if (done) sayNext(done, latestEdit());
  location.reload();
  return null;
}

/** Change the edition, and ask where the day has another one. */
async function changeEdition(fields, chosen = {}) {
  const problem = await change("PATCH", panel.dataset.api, { ...fields, ...chosen });
  if (problem?.choices) await changeEdition(fields, await choose(problem));
}

/** Put a page back that was taken out; the page says why if it can't be. */
async function putBack(edit) {
  await askCoder();
  await undo(edit).catch(() => null);
}

/** Take a page out, or put the edition into the trash. */
async function remove(address, done) {
  await askCoder();
  await change("DELETE", `${address}${coder() ? `?coder=${encodeURIComponent(coder())}` : ""}`, {}, done);
}

const SUBMIT = {
  edition(form) {
    const { publication, date, pages_expected } = Object.fromEntries(new FormData(form));
    return changeEdition({ publication, date, pages_expected: pages_expected ? Number(pages_expected) : null });
  },
  number(form, page) {
    const { number, edition } = Object.fromEntries(new FormData(form));
    const moved = { number: Number(number) };
    if (edition) moved.edition = Number(edition);
    // In another edition a page keeps its number unless somebody has given one.
    if (edition && number === form.elements.number.defaultValue) delete moved.number;
    return change("PATCH", page, moved);
  },
  scan: (form, page) => change("POST", `${page}/scan`, new FormData(form)),
};

if (panel) {
  panel.hidden = false;
  panel.open = sessionStorage.getItem(OPEN) === "yes";
  panel.addEventListener("toggle", () => sessionStorage.setItem(OPEN, panel.open ? "yes" : "no"));
  panel.addEventListener("submit", (event) => {
    event.preventDefault();
    const form = event.target;
    SUBMIT[form.dataset.form](form, form.closest("[data-page]")?.dataset.page);
  });
  panel.addEventListener("click", (event) => {
    const page = event.target.closest("[data-page]")?.dataset.page;
    if (event.target.closest("[data-remove]")) remove(page);
    const back = event.target.closest("[data-put-back]")?.dataset.putBack;
    if (back) putBack(Number(back));
  });
  for (const button of document.querySelectorAll("[data-delete]")) {
    button.addEventListener("click", () => remove(panel.dataset.api, button.dataset.delete));
  }
  undoByKey();
  document.addEventListener("undone", () => location.reload());
}
