/* The page that takes in an edition: files become sheets in order, are sent, and followed. */

import { askCoder, coder, latestEdit, remember, say, sayKept, sayNext, send as change } from "./corrections.js";
import { choose } from "./edition_choices.js";
import { showFound } from "./found.js";
import { editionsOf } from "./upload_folder.js";
import { meantNewspaper } from "./upload_newspaper.js";
import { sendFiles } from "./upload_send.js";
import { Sheets } from "./upload_sheets.js";

const form = document.querySelector("#upload");
const panel = document.querySelector("#following");
const said = panel.querySelector(".said");
const bar = panel.querySelector("progress");
const words = Object.fromEntries(
  [...document.querySelector("#outcomes").content.children].map((one) => [one.dataset.word, one.textContent]),
);
const sheets = new Sheets(form, panel.dataset, editionsOf);

form.querySelector(".live").hidden = false;

/** Whether the newspaper that is named is none of those that are there. */
function isNew() {
  const name = form.elements.publication.value.trim();
  return Boolean(name) && ![...form.querySelectorAll("#papers option")].some((one) => one.value === name);
}

function showProfile() {
  const known = Boolean(form.elements.publication.value.trim()) && !isNew();
  form.querySelector("#profile").hidden = known;
  form.querySelector("#known").hidden = !known;
}

form.elements.publication.addEventListener("input", showProfile);
showProfile();
sayKept();
form.addEventListener("submit", async (event) => {
  event.preventDefault();
  document.querySelector("#choices").hidden = true;
  if (!sheets.check()) return;
  const name = form.elements.publication;
  name.value = await meantNewspaper(name.value.trim());
  await askCoder();
  await upload({});
});

/** Send the sheets, and ask what they are where the server does; the files stay in the form. */
async function upload(chosen) {
  const answer = await send(body(chosen)).catch(() => null);
  if (!answer) {
    panel.hidden = true;
    say(document.querySelector("#messages").dataset.offline, { alert: true });
  } else if (answer.status === 409 && answer.document.choices) {
    panel.hidden = true;
    await upload(await choose(answer.document));
  } else if (answer.status >= 400) {
    panel.hidden = true;
    const details = answer.document.errors?.map((one) => `${one.field}: ${one.message}`) ?? [];
    say([answer.document.detail, ...details].join(" "), { alert: true });
  } else {
    follow(answer.document);
  }
}

function body(chosen) {
  const data = new FormData();
  const profile = isNew() ? ["languages", "country", "kind"] : [];
  for (const name of ["publication", "date", "pages_expected", ...profile]) {
    const value = form.elements[name].value.trim();
    if (value) data.append(name, value);
  }
  if (coder()) data.append("coder", coder());
  for (const [name, value] of Object.entries(chosen)) data.append(name, value);
  if (sheets.numbers) data.append("page_numbers", sheets.numbers.join(","));
  for (const file of sheets.files) data.append("files", file, file.name);
  return data;
}

/** Send a form, showing how far it is; resolves to status and document. */
function send(data) {
  panel.hidden = false;
  tell(panel.dataset.sending, { done: 0 });
  return sendFiles(form.dataset.api, data, (done) => {
    bar.max = 100;
    bar.value = done;
    tell(panel.dataset.sending, { done });
  });
}

function tell(text, values = {}) {
  const told = Object.entries(values).reduce((all, [name, value]) => all.replace(`{${name}}`, value), text);
  if (said.textContent !== told) said.textContent = told;
}

/** Show the state of each page until the edition is analysed. */
function follow(edition) {
  if (edition.edit) {
    remember(edition.edit);
    say(panel.dataset.uploaded, { edit: edition.edit });
  } else if (!edition.created && !edition.added) {
    say(panel.dataset.same);
  }
  panel.querySelector(".notes").replaceChildren(...edition.notes.map(note));
  form.hidden = true;
  const link = panel.querySelector("a.button");
  link.href = `/editions/${edition.id}`;
  link.hidden = false;
  panel.querySelector("h2").focus();
  const remove = panel.querySelector("[data-delete]");
  remove.addEventListener("click", async () => {
    const who = coder() ? `?${new URLSearchParams({ coder: coder() })}` : "";
    await change("DELETE", `${form.dataset.api}/${edition.id}${who}`);
    sayNext(remove.dataset.delete, latestEdit());
    location.reload();
  });
  const events = new EventSource(`${form.dataset.api}/${edition.id}/events`);
  events.addEventListener("progress", (event) => {
    const state = JSON.parse(event.data);
    show(state);
    showFound(link.href);
    if (state.summarised) events.close();
  });
  window.addEventListener("pagehide", () => events.close());
}

function note(text) {
  const item = document.createElement("li");
  for (const [i, part] of text.split("`").entries()) {
    const element = document.createElement(i % 2 ? "code" : "span");
    element.textContent = part;
    item.append(element);
  }
  return item;
}

function show(state) {
  const values = { done: state.pages_finished, of: state.pages, photos: state.photos };
  bar.max = Math.max(state.pages, 1);
  bar.value = state.pages_finished;
  const texts = { done: panel.dataset.finished, failed: panel.dataset.failed };
  tell(texts[state.status] ?? (state.pages ? panel.dataset.working : panel.dataset.waiting), values);
  panel.querySelector(".nobody").hidden = state.workers > 0 || state.status in texts;
  const refused = state.page_list.filter((page) => page.reason);
  panel.querySelector(".refused").hidden = refused.length === 0;
  panel.querySelector("[data-delete]").hidden = state.status !== "failed";
  panel.querySelector(".states").replaceChildren(...state.page_list.map(line));
}

function line(page) {
  const item = document.createElement("li");
  const link = document.createElement("a");
  link.href = `/pages/${page.id}`;
  link.textContent = words.page.replace("{n}", page.number);
  const reason = page.reason ? ` – ${page.reason}` : "";
  item.append(link, ` ${page.source}: ${words[page.outcome] ?? page.outcome}${reason}`);
  item.classList.toggle("bad", Boolean(page.reason));
  return item;
}
