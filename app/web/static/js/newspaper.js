/* Newspapers: names, weekdays and masthead changed in place, merging, and undoing.

   The page is loaded again after each change, so that it shows what is stored; what was done is
   said then. */

import { askCoder, coder, sayKept, sayNext, send, undo, undoByKey } from "./corrections.js";

/** Go to a page, which says what was done. */
function open(address, text, edit) {
  if (text) sayNext(text, edit);
  if (new URL(address, location.href).href === location.href) location.reload();
  else location.assign(address);
}

/** Let a form send a change; refusals are said by the page. */
function onSubmit(selector, act) {
  const form = document.querySelector(selector);
  if (!form) return;
  form.hidden = false;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    await askCoder();
    await act(form).catch(() => null);
  });
}

const here = () => location.pathname;

onSubmit("#newspaper", async (form) => {
  const pages = form.elements.usual_pages.value;
  const days = [...form.querySelectorAll("[name=weekdays]:checked")].map((one) => Number(one.value));
  const lines = (field) => field.value.split("\n").map((one) => one.trim()).filter(Boolean);
  const given = {
    name: form.elements.name.value,
    aliases: lines(form.elements.aliases),
    identifiers: lines(form.elements.identifiers),
    usual_pages: pages ? Number(pages) : null,
    weekdays: days.length ? days : null,
    languages: form.elements.languages.value.split(",").map((one) => one.trim()).filter(Boolean),
    country: form.elements.country.value.trim() || null,
    kind: form.elements.kind.value || null,
    coder: coder() || null,
  };
  const { edit } = await send("PATCH", form.dataset.api, given);
  open(here(), edit ? form.dataset.saved : form.dataset.same, edit);
});

onSubmit("#merge-form", async (form) => {
  const chosen = form.querySelector("[name=same_day]:checked");
  const from = Number(form.dataset.from);
  const same_day = chosen ? chosen.value : "replace";
  const done = await send("POST", form.dataset.api, { from, same_day, coder: coder() || null });
  const { merged, mergedOne } = form.dataset;
  const told = done.editions;
  const page = done.merged.conflicts.length ? `${form.dataset.page}?merged=${done.edit}#merged` : form.dataset.page;
  open(page, told === 1 ? mergedOne : merged.replace("{editions}", told), done.edit);
});

onSubmit("#add-newspaper", async (form) => {
  const given = { name: form.elements.name.value, coder: coder() || null };
  const { id, edit, name } = await send("POST", form.dataset.api, given);
  open(`${form.dataset.page}/${id}`, name, edit);
});

const withCoder = (address) => (coder() ? `${address}?${new URLSearchParams({ coder: coder() })}` : address);

onSubmit("#masthead", async (form) => {
  const { edit } = await send("PUT", withCoder(form.dataset.api), new FormData(form));
  open(here(), document.querySelector("#newspaper").dataset.saved, edit);
});

document.querySelector("#no-masthead")?.addEventListener("click", async ({ target }) => {
  await askCoder();
  const { edit } = await send("DELETE", withCoder(target.form.dataset.api));
  open(here(), document.querySelector("#newspaper").dataset.saved, edit);
});

for (const button of document.querySelectorAll("button.undo")) {
  button.hidden = false;
  button.addEventListener("click", async () => {
    await askCoder();
    await undo(Number(button.dataset.edit)).catch(() => null);
  });
}

document.addEventListener("undone", async ({ detail }) => {
  const text = `${document.querySelector("#messages").dataset.undone} ${detail.text}`;
  const answer = await fetch(here(), { method: "HEAD" });
  const form = document.querySelector("#newspaper");
  open(answer.ok || !form ? here() : form.dataset.page, text, null); // an added one is gone
});

undoByKey();
sayKept();
