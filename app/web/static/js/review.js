/* The desk beside a server: photos are fetched, decisions sent behind, files of answers taken in. */

import { askCoder, rememberCoder, say } from "./corrections.js";
import { announce, journal, outbox, state, TAB } from "./journal_sender.js";
import { adoptEarlier } from "./review_answer.js";
import { Desk } from "./review_desk.js";
import { filled } from "./review_interval.js";
import { AskedQuestion } from "./review_question.js";

const AGAIN_MS = 1500;
const root = document.querySelector("#desk");
const question = new AskedQuestion(document.querySelector("#question"));
let renew = async () => {}; // brings the desk to what the server has by now

function pause() {
  return new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
}

/** What the server has for a coder; it is asked until it answers. */
async function fetchDesk(coder, { quiet = false } = {}) {
  for (;;) {
    try {
      const answer = await fetch(`${root.dataset.source}?${new URLSearchParams({ coder })}`);
      if (answer.ok) return await answer.json();
    } catch {
      if (!quiet) say(root.dataset.offline, { alert: true });
    }
    await pause();
  }
}

/** A function that fetches more photos for a desk, once at a time, while decisions are made. */
function supply(desk, coder) {
  let isFetching = false;
  return async () => {
    if (isFetching) return;
    isFetching = true;
    do {
      const asked = desk.askable;
      desk.more(await fetchDesk(coder, { quiet: true }), asked);
      await pause(); // what waits to be stored here is told again, and nothing else may have come
    } while (desk.isShort);
    isFetching = false;
  };
}

/** A coder of the sample whose name differs from another one in nothing but its capitals. */
function namesake(coder, data) {
  const plain = (name) => name.normalize("NFKC").toLowerCase().trim();
  const names = [...data.sample.coders, ...Object.keys(data.progress.coders)];
  return names.includes(coder) ? undefined : names.find((name) => plain(name) === plain(coder));
}

async function begin() {
  let coder = await askCoder();
  if (!coder) {
    root.querySelector(".loading").textContent = root.dataset.who;
    return;
  }
  const early = []; // what other tabs have answered before the photos came
  let take = (entry) => early.push(entry);
  outbox.addEventListener("added", ({ detail: { entry } }) => (entry.desk && entry.tab !== TAB ? take(entry) : null));
  let data = await fetchDesk(coder);
  const known = namesake(coder, data);
  if (known && confirm(filled(root.dataset.namesake, { name: known }))) {
    await rememberCoder(known);
    coder = known;
    data = await fetchDesk(coder);
  }
  const desk = new Desk(root, coder);
  desk.entered = { tab: TAB };
  desk.short = supply(desk, coder);
  desk.changed = (entry) => setTimeout(() => announce(entry)); // once the next photo is shown
  desk.begin(data);
  const isOf = (entry) => entry?.desk === desk.desk && entry.coder === coder;
  take = (entry) => (isOf(entry) ? desk.take(entry.decision) : null);
  early.forEach(take);
  outbox.addEventListener("stored", ({ detail: { entry, result } }) => {
    if (!isOf(entry)) return;
    if (entry.tab === TAB && result.meanwhile.length) say(filled(root.dataset.meanwhile, { names: result.meanwhile.join(", ") }));
    if (!result.new) return;
    desk.intervals.soon();
    question.soon();
  });
  outbox.addEventListener("refused", ({ detail: { entry, reason } }) => (isOf(entry) ? desk.refuse(reason, entry.decision) : null));
  for (const kind of ["added", "stored", "refused", "reached"]) outbox.addEventListener(kind, () => desk.tellState(state().isReached));
  renew = async () => desk.begin(await fetchDesk(coder));
  document.addEventListener("undone", () => renew());
}

/** Take in a file of answers that were given without a server. */
async function bring(event) {
  event.preventDefault();
  const place = document.querySelector("[data-show=brought]");
  const form = event.target;
  place.textContent = "";
  document.querySelector("#messages").replaceChildren();
  let given;
  try {
    given = JSON.parse(await form.querySelector("input").files[0].text());
    if (String(given.sample) !== root.dataset.sample || !Array.isArray(given.answers)) throw new TypeError("another sample");
  } catch {
    place.textContent = place.dataset.unread;
    return;
  }
  const answer = await fetch(root.dataset.answers, {
    method: "POST",
    headers: { "Accept-Language": document.documentElement.lang, "Content-Type": "application/json" },
    body: JSON.stringify({ coder: given.coder, answers: given.answers, as_one: true }),
  });
  const told = await answer.json();
  if (!answer.ok) {
    place.textContent = told.detail ?? place.dataset.unread;
    return;
  }
  const refused = told.answers.filter((one) => one.refused);
  const fresh = told.answers.filter((one) => one.new).length;
  const said = { n: fresh, coder: given.coder, known: told.answers.length - fresh - refused.length };
  const faults = refused.length ? ` ${filled(place.dataset.not, { n: refused.length })} ${[...new Set(refused.map((one) => one.refused))].join("; ")}` : "";
  place.textContent = filled(place.dataset.said, said) + faults;
  if (told.edit) say(filled(place.dataset.said, said), { edit: told.edit });
  await renew();
}

adoptEarlier(journal);
document.querySelector("#bring")?.addEventListener("submit", bring);
begin();
