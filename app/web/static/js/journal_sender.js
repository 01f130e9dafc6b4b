/* Sends what the journal of this browser holds, in its order, until the server has stored it.

   Every open page sends, one at a time (a Web Lock), whatever page an entry was made on; all pages
   hear what became of it. An entry is marked once its request may have reached the server. */

import { coder, Refused, remember, say, undo, undoneAll } from "./corrections.js";
import { Journal, newId } from "./journal.js";
import { keyboard } from "./keyboard.js";
import { nearest } from "./page_geometry.js";

const AT_ONCE = 50;
const SOONEST_MS = 500;
const LATEST_MS = 30000;
const PATIENCE_MS = 20000;
const MOST_TRIES = 5; // of a request that the server fails at
const REPEATED_MS = 23 * 3600e3; // so long does the server know a request again; see `repeated_requests.py`
const AWAY = [401, 408, 425, 429, 502, 503, 504];
const root = document.documentElement;
const words = () => document.querySelector("#journal").dataset;

/** Where people sign in, nobody sends what somebody else has entered. */
const ours = (entry) => [undefined, entry.coder].includes(root.dataset.signedIn);

/** This tab, over its pages. */
export const TAB = (() => {
  const known = sessionStorage.getItem("presslens.tab") ?? newId();
  sessionStorage.setItem("presslens.tab", known);
  return known;
})();
export const journal = new Journal(ours);

/** What becomes of entries, in whatever tab: events "added", "stored", "refused" and "reached". */
export const outbox = new EventTarget();
const channel = new BroadcastChannel("presslens");
const outcomes = new Map(); // by id of an entry: {resolve, reject}
const tries = new Map(); // by id
const REDONE = "presslens.redo"; // entries that were undone, the latest last
let isRunning = false;
let again = false;
let isReached = true;
let wait = 0;
let timer = 0;
let watch = 0;

channel.onmessage = ({ data }) => {
  hear(data);
  // The page that sends may be closed before it has: then this one does.
  watch ||= setTimeout(() => {
    watch = 0;
    if (journal.entries().length && !timer) run();
  }, LATEST_MS);
};

/** Let all pages know. */
function tell(kind, detail) {
  hear({ kind, ...detail });
  channel.postMessage({ kind, ...detail });
}

function hear({ kind, ...detail }) {
  const { entry, result, reason, later } = detail;
  if (kind === "reached") isReached = detail.isReached;
  if (kind === "undone") {
    document.dispatchEvent(new CustomEvent("undone", { detail: { ...detail.state, elsewhere: true } }));
    return;
  }
  const outcome = outcomes.get(entry?.id);
  if (kind === "stored" && entry.tab === TAB) {
    if (result?.edit && !entry.desk) remember(result.edit, entry);
    outcome?.resolve(result);
  }
  outbox.dispatchEvent(new CustomEvent(kind, { detail }));
  if (kind === "refused" && outcome) {
    say(reason, { alert: true, later });
    outcome.reject(new Refused({ detail: reason, entry: detail.refused }));
  }
  if (kind !== "added") outcomes.delete(entry?.id);
}

/** How many entries wait, and whether the server was reached when it was last asked. */
export const state = () => ({ waiting: journal.entries().length, refused: journal.refused().length, isReached });

/** Write an entry of this tab, and send it behind. Throws if the device has no room. */
export function enter(entry) {
  const whole = { tab: TAB, coder: coder(), href: location.pathname + location.search, ...entry };
  journal.add(whole);
  announce(whole);
  return whole;
}

/** Send what was written, and let other pages know of it. */
export function announce(entry) {
  tell("added", { entry });
  if (!timer) run();
}

/** Enter a request to the API in the coder's name; resolves to its answer, null if it was taken back.

    It is stored once, in the order of entries, by this page or another one; what is refused is said. */
export function submit(entry, { redone = false } = {}) {
  if (!redone) sessionStorage.removeItem(REDONE);
  const id = newId();
  return new Promise((resolve, reject) => {
    outcomes.set(id, { resolve, reject });
    try {
      enter({ method: "POST", ...entry, id, body: { ...entry.body, coder: coder() } });
    } catch (error) {
      outcomes.delete(id);
      say(words().full, { alert: true });
      reject(error);
    }
  });
}

/** Take back the latest change of this tab: one that waits is not stored, else its edit is undone. */
export async function undoLatest() {
  const found = journal.entries().findLast(([, entry]) => entry.tab === TAB && !entry.desk && !entry.withdrawn && !entry.address.endsWith("/undo"));
  if (!found) return undo();
  const [key, entry] = found;
  journal.mark(key, { withdrawn: true });
  sessionStorage.setItem(REDONE, JSON.stringify([...redoable(), entry]));
  say(`${document.querySelector("#messages").dataset.undone} ${entry.text}`);
  tell("added", { entry: { ...entry, withdrawn: true } });
  poke();
  return null;
}

const redoable = () => JSON.parse(sessionStorage.getItem(REDONE) ?? "[]");

/** Do again what was undone last; resolves to the answer, null without one. */
export async function redo() {
  await undoneAll();
  const last = redoable().at(-1);
  if (!last) {
    say(words().nothing);
    return null;
  }
  sessionStorage.setItem(REDONE, JSON.stringify(redoable().slice(0, -1)));
  const { method, address, body, about, page, photos, text, href } = last;
  const told = await submit({ method, address, body, about, page, photos, text, href }, { redone: true });
  if (told) say(`${words().redone} ${text}`, { edit: told.edit });
  return told;
}

/** Let the key Z do again what was undone last, where the reader may undo. */
export function redoByKey() {
  if (words().redo) keyboard.on("Z", words().redo, () => redo().catch(() => {}));
}

document.addEventListener("undone", ({ detail }) => {
  if (detail.elsewhere) return;
  if (detail.entry) sessionStorage.setItem(REDONE, JSON.stringify([...redoable(), detail.entry]));
  channel.postMessage({ kind: "undone", state: detail });
});

/** Forget a refused entry. */
export function discard(key) {
  journal.drop(key);
  tell("reached", { isReached });
}

/** Send at once, whatever failed before. */
export function poke() {
  wait = 0;
  clearTimeout(timer);
  timer = 0;
  run();
}

async function run() {
  again = true;
  if (isRunning) return;
  isRunning = true;
  const alone = navigator.locks ? (work) => navigator.locks.request("presslens.journal", work) : (work) => work();
  try {
    while (again) {
      again = false;
      isReached = await alone(drain);
      if (!isReached) break;
    }
  } finally {
    isRunning = false;
  }
  tell("reached", { isReached });
  if (isReached) return;
  wait = Math.min(LATEST_MS, wait ? 2 * wait : SOONEST_MS);
  timer = setTimeout(() => {
    timer = 0;
    run();
  }, wait * (0.75 + Math.random() / 2));
}

/** Send until nothing waits; false: the server was not reached. */
async function drain() {
  for (let waiting = journal.entries(); waiting.length; waiting = journal.entries()) {
    const [[key, first]] = waiting;
    if (first.withdrawn && !first.tried) {
      settle([key, first], null);
      continue;
    }
    const alike = (entry) => first.desk && entry.desk && entry.address === first.address && entry.coder === first.coder;
    const end = waiting.findIndex(([, entry]) => !alike(entry));
    if (!(await send(waiting.slice(0, Math.max(1, Math.min(AT_ONCE, end < 0 ? AT_ONCE : end)))))) return false;
    wait = 0;
  }
  return true;
}

/** Whether the server has answered for each of some entries: one request, or answers of a desk. */
async function send(batch) {
  const [[key, first]] = batch;
  if (first.tried && !first.desk && Date.now() - first.tried > REPEATED_MS) return refuse(batch, { detail: words().old });
  const body = first.desk ? { coder: first.coder, answers: batch.map(([, entry]) => entry.body) } : first.body;
  const headers = { "Accept-Language": root.lang, "Content-Type": "application/json", ...(first.desk ? {} : { "Idempotency-Key": first.id }) };
  journal.mark(key, { tried: first.tried ?? Date.now() });
  let answer;
  let told;
  try {
    answer = await fetch(first.address, { method: first.method ?? "POST", headers, body: JSON.stringify(body), signal: AbortSignal.timeout(PATIENCE_MS) });
    told = await answer.json();
  } catch {
    if (!answer || answer.ok) return false;
    told = { title: `${answer.status} ${answer.statusText}` }; // of a proxy, not of ours
  }
  if (answer.ok) {
    batch.forEach((one, i) => settle(one, first.desk ? told.answers[i] : told));
    return true;
  }
  if (AWAY.includes(answer.status) || (answer.status === 409 && answer.headers.has("Retry-After"))) return false;
  if (answer.status >= 500) {
    tries.set(first.id, (tries.get(first.id) ?? 0) + 1);
    return tries.get(first.id) < MOST_TRIES ? false : refuse(batch, told);
  }
  if (batch.length === 1) return refuse(batch, told);
  for (const one of batch) if (!(await send([one]))) return false;
  return true;
}

function refuse(batch, { detail, title, later_edit: later }) {
  for (const [key, entry] of batch) {
    const reason = detail ?? title ?? "?";
    let refused;
    if (entry.withdrawn || entry.body.withdrawn) journal.drop(key);
    else refused = journal.refuse(key, reason);
    tell("refused", { entry, refused, reason, later });
  }
  return true;
}

function settle([key, entry], result) {
  if (result?.refused) {
    refuse([[key, entry]], { detail: result.refused });
    return;
  }
  const isWithdrawn = journal.get(key)?.withdrawn; // meanwhile
  if (isWithdrawn && result?.edit) {
    const { coder: name, tab, about, text, href } = entry;
    journal.add({ id: newId(), method: "POST", address: `/api/v1/edits/${result.edit}/undo`, body: { coder: name }, coder: name, tab, about, text, href });
  }
  journal.drop(key);
  if (result?.made) follow(entry, result.photos);
  tell("stored", { entry, result: isWithdrawn ? null : result });
}

/** Let what waits about a page's photos be about those that stand there now. */
function follow(stored, photos) {
  const there = new Set(photos.map((photo) => photo.id));
  for (const [key, { page, photos: meant, address, body }] of journal.entries()) {
    if (!meant || page !== stored.page) continue;
    const now = meant.map((photo) => (there.has(photo.id) ? photo : (nearest(photos, photo.box) ?? photo)));
    const [{ id, box }, ...others] = now;
    journal.mark(key, {
      photos: now,
      address: address.replace(/\d+$/, id),
      body: { ...body, seen: box, ...(body.join ? { join: others.map((photo) => photo.id) } : {}) },
    });
  }
}

addEventListener("online", poke);
document.addEventListener("visibilitychange", () => {
  if (!document.hidden && journal.entries().length) poke();
});
