/* A folder of editions: the server says which they are by their names, the reader corrects and sends them. */

import { askCoder, coder, remember, say } from "./corrections.js";
import { sendFiles } from "./upload_send.js";

const panel = document.querySelector("#many");
const texts = panel.dataset;
const form = document.querySelector("#upload");
const list = panel.querySelector("tbody");
const button = panel.querySelector("#send-many");
const papers = new Set([...form.querySelectorAll("#papers option")].map((one) => one.value));

/** Show the editions of a folder, and resolve to true; to files alone if they are of one edition. */
export async function editionsOf(files) {
  const paths = new Map(files.map((file) => [file.path, file.file]));
  const found = await read([...paths.keys()]);
  if (!found) return files.map(({ file }) => file);
  const editions = found.editions.filter((one) => one.files.length);
  if (editions.length < 2) {
    const [one] = editions;
    const { publication, date } = form.elements;
    if (one && !publication.value) publication.value = one.publication;
    if (one && !date.value) date.value = one.date ?? "";
    publication.dispatchEvent(new Event("input"));
    return (one?.files ?? []).map((name) => paths.get(name));
  }
  list.replaceChildren(...editions.map((one) => row(one, paths)));
  panel.querySelector(".passed").textContent = found.passed_over.length
    ? texts.passed.replace("{n}", found.passed_over.length)
    : "";
  form.hidden = true;
  panel.hidden = false;
  count();
  panel.querySelector("h2").focus();
  return [];
}

async function read(names) {
  const answer = await fetch(texts.names, {
    method: "POST",
    headers: { "Content-Type": "application/json", "Accept-Language": document.documentElement.lang },
    body: JSON.stringify({ names }),
  }).catch(() => null);
  if (!answer) say(document.querySelector("#messages").dataset.offline, { alert: true });
  else if (!answer.ok) say((await answer.json()).detail, { alert: true });
  return answer?.ok ? answer.json() : null;
}

function row(edition, paths) {
  const item = document.querySelector("#edition-row").content.firstElementChild.cloneNode(true);
  const [take, publication, day] = item.querySelectorAll("input");
  publication.value = edition.publication;
  day.value = edition.date ?? "";
  item.scans = edition.files.map((name) => paths.get(name));
  item.querySelector(".called").textContent = edition.name;
  item.querySelector(".files").textContent = edition.files.length;
  const mode = item.querySelector("select");
  mode.hidden = edition.editions.length === 0;
  take.checked = edition.editions.length === 0;
  for (const label of item.querySelectorAll("[aria-label]")) {
    label.setAttribute("aria-label", `${label.getAttribute("aria-label")}: ${edition.name}`);
  }
  const change = () => {
    for (const input of [publication, day]) input.required = take.checked;
    const name = publication.value.trim();
    if (!name || !day.value) tell(item, texts.unnamed);
    else if (mode.hidden) tell(item, papers.has(name) ? "" : texts.fresh);
    count();
  };
  mode.addEventListener("input", () => {
    take.checked = Boolean(mode.value);
  });
  item.addEventListener("input", change);
  change();
  if (edition.editions.length) tell(item, texts.there);
  return item;
}

const waiting = () => [...list.children].filter((item) => item.querySelector("input").checked && !item.dataset.sent);

function count() {
  button.textContent = texts.send.replace("{n}", waiting().length);
  button.disabled = waiting().length === 0;
}

function tell(item, text, address = "") {
  const place = item.querySelector(".state");
  const link = document.createElement("a");
  if (address) link.href = address;
  link.textContent = text;
  place.replaceChildren(address ? link : text);
}

button.addEventListener("click", async () => {
  const items = waiting();
  const inputs = items.flatMap((item) => [...item.querySelectorAll("input[required]")]);
  if (!inputs.every((input) => input.reportValidity())) return;
  await askCoder();
  button.disabled = true;
  for (const [i, item] of items.entries()) {
    panel.querySelector(".said").textContent = texts.sending.replace("{i}", i + 1).replace("{n}", items.length);
    await send(item);
  }
  panel.querySelector(".said").textContent = waiting().length ? texts.left.replace("{n}", waiting().length) : texts.done;
  count();
});

/** Send one edition; its row says what came of it. */
async function send(item) {
  const [, publication, day] = item.querySelectorAll("input");
  const mode = item.querySelector("select");
  const data = new FormData();
  data.append("publication", publication.value.trim());
  data.append("date", day.value);
  if (!mode.hidden && mode.value) data.append("mode", mode.value);
  if (coder()) data.append("coder", coder());
  for (const file of item.scans) data.append("files", file, file.name);
  const answer = await sendFiles(form.dataset.api, data, (percent) => tell(item, `${percent} %`)).catch(() => null);
  if (answer && answer.status < 400) {
    if (answer.document.edit) remember(answer.document.edit);
    const isNew = answer.document.created || answer.document.added;
    item.dataset.sent = "true";
    for (const input of item.querySelectorAll("input, select")) input.disabled = true;
    return tell(item, isNew ? texts.stored : texts.same, `/editions/${answer.document.id}`);
  }
  mode.hidden = answer?.status !== 409;
  if (!mode.hidden) item.querySelector("input").checked = false;
  return tell(item, answer?.document.detail ?? document.querySelector("#messages").dataset.offline);
}
