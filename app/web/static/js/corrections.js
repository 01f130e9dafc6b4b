/* What people change from a page: sent to the API in their name, said in a message, and undone.

   Every answer to a change names its edit; the last hundred can be undone, the latest first. */

import { keyboard } from "./keyboard.js";

const MOST = 100; // edits that can be undone from here, one after the other
const SHOWN_MS = 8000;
const KEPT = "said-next"; // what the next page says
const root = document.documentElement;

/** The name that the reader codes under; "" if none was given yet. */
export const coder = () => root.dataset.coder ?? "";

/** Ask for the reader's name, once; resolves to "" if the reader gives none. */
export function askCoder() {
  if (coder()) return Promise.resolve(coder());
  const dialog = document.querySelector("#coder-dialog").content.firstElementChild.cloneNode(true);
  document.body.append(dialog);
  return new Promise((resolve) => {
    dialog.addEventListener("close", async () => {
      const name = dialog.returnValue === "ok" ? dialog.querySelector("input").value.trim() : "";
      dialog.remove();
      if (name) await rememberCoder(name);
      resolve(name);
    });
    dialog.showModal();
  });
}

/** Remember the name that the reader codes under. */
export async function rememberCoder(name) {
  root.dataset.coder = name;
  const field = document.querySelector("form.coder [name=coder]");
  if (field) field.value = name;
  await fetch("/preferences", { method: "POST", body: new URLSearchParams({ coder: name }), redirect: "manual" });
}

/** The problem that the API answered, in its own words. */
export class Refused extends Error {
  constructor(problem) {
    super(problem.detail ?? problem.title ?? "?");
    this.problem = problem;
  }
}

/** Send a change, in the reader's name; resolves to the answer, null without one.

    Errors are said on the page and thrown. `body` may be FormData. */
export async function send(method, address, body = {}, { quiet = false } = {}) {
  const isForm = body instanceof FormData;
  let answer;
  try {
    answer = await fetch(address, {
      method,
      headers: { "Accept-Language": root.lang, ...(isForm ? {} : { "Content-Type": "application/json" }) },
      body: isForm ? body : method === "GET" ? undefined : JSON.stringify(body),
    });
  } catch (error) {
    if (!quiet) say(document.querySelector("#messages").dataset.offline, { alert: true });
    throw error;
  }
  const document_ = answer.status === 204 ? null : await answer.json();
  if (!answer.ok) {
    const refused = new Refused(document_);
    if (!quiet) say(refused.message, { alert: true, later: document_.later_edit });
    throw refused;
  }
  const edit = document_?.edit ?? Number(answer.headers.get("Presslens-Edit"));
  if (edit) remember(edit);
  return document_;
}

/** Say something on the page; with an edit, it can be undone from there; `later` is one to look at. */
export function say(text, { alert = false, edit = null, later = null } = {}) {
  const place = document.querySelector(alert ? "#alerts" : "#messages");
  const message = document.createElement("p");
  message.textContent = text;
  if (edit) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = place.dataset.undo;
    button.addEventListener("click", () => undo(edit));
    message.append(" ", button);
  }
  if (later) {
    const link = document.createElement("a");
    link.href = `${place.dataset.log}?${new URLSearchParams({ target: later.target, target_id: later.target_id })}#edit-${later.id}`;
    link.textContent = place.dataset.later;
    message.append(" ", link);
  }
  place.replaceChildren(message);
  setTimeout(() => message.remove(), alert ? 2 * SHOWN_MS : SHOWN_MS);
}

/** Let the next page say something; with an edit, it can be undone from there. */
export function sayNext(text, edit = null) {
  sessionStorage.setItem(KEPT, JSON.stringify({ text, edit }));
}

/** Say what the page before has left to be said. */
export function sayKept() {
  const kept = sessionStorage.getItem(KEPT);
  sessionStorage.removeItem(KEPT);
  if (kept) say(JSON.parse(kept).text, { edit: JSON.parse(kept).edit });
}

/** The edits that can be undone from here, the latest last: {id, entry}, see `journal_sender.js`. */
const edits = () => JSON.parse(sessionStorage.getItem("made") ?? "[]");

/** The latest of them. */
export const latestEdit = () => edits().at(-1)?.id;

function forget(gone) {
  sessionStorage.setItem("made", JSON.stringify(edits().filter(({ id }) => !gone.has(id))));
}

/** Remember an edit, so that it can be undone from here; with its entry of the journal, done again. */
export function remember(id, entry = null) {
  sessionStorage.setItem("made", JSON.stringify([...edits().filter((one) => one.id !== id), { id, entry }].slice(-MOST)));
}

let undoing = Promise.resolve();

/** Resolves once what is being undone is undone. */
export const undoneAll = () => undoing;

/** Undo an edit, the latest one by default, and tell the page (event "undone"); one after the other. */
export function undo(edit) {
  const mine = undoing.then(() => undoNow(edit ?? latestEdit()));
  undoing = mine.catch(() => null);
  return mine;
}

async function undoNow(edit) {
  const place = document.querySelector("#messages");
  if (!edit) {
    say(place.dataset.nothing);
    return null;
  }
  const state = await send("POST", `/api/v1/edits/${edit}/undo`, { coder: coder() || null });
  const entry = edits().find(({ id }) => id === edit)?.entry;
  forget(new Set([edit]));
  say(`${place.dataset.undone} ${state.text}`);
  document.dispatchEvent(new CustomEvent("undone", { detail: { ...state, entry } }));
  return state;
}

/** Undo several edits in one request, all or none; tell the page of each (event "undone"). */
export async function undoTogether(which) {
  const place = document.querySelector("#messages");
  const { edits: states } = await send("POST", "/api/v1/edits/undo", { ...which, coder: coder() || null });
  forget(new Set(states.map((state) => state.id)));
  say(place.dataset.undoneMany.replace("{n}", states.length));
  for (const detail of states) document.dispatchEvent(new CustomEvent("undone", { detail }));
  return states;
}

/** Let the key z undo the latest edit on this page, where the reader may undo. */
export function undoByKey(latest = undo) {
  const text = document.querySelector("#messages").dataset.undo;
  if (text) keyboard.on("z", text, () => latest());
}
