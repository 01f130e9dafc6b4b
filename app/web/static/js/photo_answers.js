/* Answers about a photo, beside what the machine says: by button, or by one key for one decision.

   The page knows the reviews of the photo as the API last told them; each answer brings them anew,
   and those that others have made meanwhile. */

import { askCoder, coder, say, send, undoByKey } from "./corrections.js";
import { moments } from "./dates.js";
import { outbox, redoByKey, submit, TAB, undoLatest } from "./journal_sender.js";
import { keyboard } from "./keyboard.js";
import { drawBox } from "./photo_box.js";
import { offerChanges, showPlaces } from "./photo_places.js";

const words = document.querySelector("#answer-words").dataset;
const photo = document.querySelector("[data-photo]").dataset.photo;
const address = `/api/v1/photos/${photo}/reviews`;
const FOCUSES = { 1: "leader", 2: "facility", 3: "neither", 4: "unsure" };
const SHOWN = [["y", true], ["n", false], ["u", null]];

const word = (shows) => (shows === null ? words.unsure : shows ? words.yes : words.no);
const focusWord = (focus) => (focus === "unsure" ? words.focusUnsure : words[focus]);
const make = (name, text, attributes = {}) => {
  const element = document.createElement(name);
  element.textContent = text;
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  return element;
};

/** One question: its place on the page, its buttons, and what was answered. */
class Decision {
  constructor(place) {
    this.place = place;
    this.measure = place.dataset.measure;
    this.group = make("span", "", { class: "answers", role: "group", "aria-label": `${words.question}: ${place.dataset.name}` });
    this.buttons = new Map(this.choices.map(([key, value, text]) => [String(value), this.#button(key, value, text)]));
    this.decide = make("button", words.decide, { type: "button", class: "decide", "aria-pressed": "false", title: words.decideText });
    this.decide.addEventListener("click", () => this.decide.setAttribute("aria-pressed", String(!this.deciding)));
    this.group.append(...this.buttons.values(), this.decide);
    this.who = make("small", "", { class: "who quiet" });
    place.append(this.group, this.who);
  }

  get choices() {
    if (this.measure === "focus") return Object.entries(FOCUSES).map(([key, focus]) => [key, focus, focusWord(focus)]);
    return SHOWN.map(([key, shows]) => [key, shows, word(shows)]);
  }

  get deciding() {
    return this.decide.getAttribute("aria-pressed") === "true";
  }

  #button(key, value, text) {
    const button = make("button", `${text} `, { type: "button", "aria-pressed": "false", "aria-keyshortcuts": key });
    button.append(make("kbd", key, { "aria-hidden": "true" }));
    button.addEventListener("click", () => answer(this, value));
    return button;
  }

  /** What a review says of it, by the value of a button; undefined: nothing. */
  said(review) {
    if (this.measure !== "focus") return review.answers[this.measure];
    if (!("focus_leader" in review.answers)) return undefined;
    const shown = ["leader", "facility", "neither"].find((one) => review.answers[`focus_${one}`]);
    return shown ?? "unsure";
  }

  show(state) {
    const given = state.reviews.filter((review) => !review.withdrawn_at && this.said(review) !== undefined);
    const latest = new Map(given.map((review) => [`${review.coder} ${review.adjudicates}`, review]));
    const own = [...latest.values()].findLast((review) => review.coder === coder());
    for (const [value, button] of this.buttons) button.setAttribute("aria-pressed", String(own !== undefined && String(this.said(own)) === value));
    const measures = this.measure === "focus" ? ["leader", "facility", "neither"].map((one) => `focus_${one}`) : [this.measure];
    const disputed = measures.some((measure) => state.disagreements.includes(measure));
    this.#settle(state, disputed);
    this.decide.hidden = !disputed && !this.deciding;
    this.who.replaceChildren(...[...latest.values()].map((review) => this.#line(review)));
  }

  #settle(state, disputed) {
    const settled = this.place.querySelector(".settled");
    const isFocus = this.measure === "focus";
    const focus = ["leader", "facility", "neither"].find((one) => state.settled[`focus_${one}`]?.shows);
    const told = state.settled[this.measure];
    const text = isFocus ? focus && focusWord(focus) : told && word(told.shows);
    settled.textContent = text ?? "";
    const row = this.place.closest("tr");
    row?.classList.toggle("shown", told ? told.shows : "byMachine" in row.dataset);
    if (isFocus) settled.className = `settled ${focus ?? ""}`;
    this.place.querySelector(".open")?.remove();
    this.place.querySelector(".flag")?.remove();
    if (!text) settled.after(make("span", disputed ? words.disagree : "–", { class: "open quiet" }));
  }

  #line(review) {
    const said = this.said(review);
    const text = this.measure === "focus" ? focusWord(said) : word(said);
    const line = make("span", `${review.coder}: ${text}`, { title: moments.format(new Date(review.created_at)) });
    line.append(make("time", ` ${moments.format(new Date(review.created_at))}`, { datetime: review.created_at }));
    if (review.adjudicates) line.append(` (${words.adjudicates})`);
    return line;
  }

  focus() {
    (this.group.querySelector("[aria-pressed=true]") ?? this.group.firstElementChild).focus();
    this.place.scrollIntoView({ block: "nearest" });
  }

  get isCurrent() {
    return this.place.contains(document.activeElement);
  }
}

const decisions = [...document.querySelectorAll(".said[data-measure]")].map((place) => new Decision(place));
let known = { reviews: [], settled: {}, disagreements: [] };

function show(state) {
  known = state;
  for (const decision of decisions) decision.show(state);
}

/** Say anew what the photo shows, now that people have answered. */
async function retell() {
  const answered = await fetch(`${location.pathname}.json${location.search}`);
  if (!answered.ok) return;
  const told = await answered.json();
  document.querySelector("#told").textContent = `${told.words[0].toUpperCase()}${told.words.slice(1)}.`;
  document.querySelector("#machine-told")?.toggleAttribute("hidden", told.words === told.machine_words);
  showReviews(told.reviews_told);
  showPlaces(told.places, nameOf, changePlace);
  document.querySelector("#machine-focus")?.toggleAttribute("hidden", [null, told.focus.verdict].includes(told.focus_told));
  if (!told.focus_told && !told.focus_note) return;
  const focus = document.querySelector("#focus-told");
  focus.className = told.focus_told ?? "";
  focus.textContent = told.focus_told ? focusWord(told.focus_told) : told.focus_note;
}

const table = document.querySelector("#reviewed");

function showReviews(reviews) {
  document.querySelector(".nobody").hidden = reviews.length > 0;
  table.hidden = reviews.length === 0;
  const quiet = (text) => make("small", text, { class: "quiet" });
  const rows = reviews.map((review) => {
    const coder = make("th", review.coder, { scope: "row" });
    if (review.adjudicates) coder.append(" ", quiet(words.adjudicates));
    const answers = make("td", review.answers);
    if (review.note) answers.append(make("br", ""), quiet(review.note));
    const row = make("tr", "");
    row.append(coder, answers, make("td", review.when));
    return row;
  });
  table.querySelector("tbody").replaceChildren(...rows);
}

const latest = () => Math.max(0, ...known.reviews.map((review) => review.id));

/** Enter an answer in the journal, which stores it in its turn; it is shown at once. */
async function answer(decision, value, places = {}) {
  if (!(await askCoder())) return;
  const given = decision.measure === "focus" ? { focus: value } : { answers: { [decision.measure]: value } };
  const text = `${decision.place.dataset.name}: ${decision.measure === "focus" ? focusWord(value) : word(value)}`;
  const body = { ...given, places, adjudicates: decision.deciding, since: latest() };
  decision.decide.setAttribute("aria-pressed", "false");
  for (const [one, button] of decision.buttons) button.setAttribute("aria-pressed", String(one === String(value)));
  const told = await submit({ address, body, about: `photo ${photo}`, text }).catch(refresh);
  if (!told) return;
  if (told.meanwhile.length) {
    const others = told.meanwhile.map((review) => `${review.coder} (${Object.entries(review.answers).map(([m, shows]) => `${nameOf(m)}: ${word(shows)}`).join(", ")})`);
    say(`${words.meanwhile} ${others.join("; ")}. ${words.kept}`, { alert: true });
  }
  say(text, { edit: told.edit });
}

/* What was answered here, in this tab or in another one, is shown once it is stored. */
outbox.addEventListener("stored", ({ detail: { entry, result } }) => {
  if (entry.about !== `photo ${photo}`) return;
  if (result?.photo) show(result.photo);
  else refresh();
  retell().catch(() => {});
  if (result && entry.tab !== TAB) say(`${words.elsewhere} ${entry.text}`);
});

const nameOf = (measure) => decisions.find((one) => one.measure === measure)?.place.dataset.name ?? measure;

async function refresh() {
  const told = await fetch(address);
  if (told.ok) show(await told.json());
}

const current = () => decisions.find((decision) => decision.isCurrent);
const visible = () => decisions.filter((decision) => decision.place.offsetParent !== null);

function step(by) {
  const all = visible();
  const at = all.indexOf(current());
  all[at < 0 ? 0 : Math.min(Math.max(at + by, 0), all.length - 1)]?.focus();
}

keyboard.on("c", words.correct, () => visible()[0]?.focus());
keyboard.on("ArrowDown", words.next, () => (current() ? step(1) : false));
keyboard.on("ArrowUp", words.previous, () => (current() ? step(-1) : false));
for (const [key, shows] of SHOWN) {
  keyboard.on(key, word(shows), () => {
    const decision = current();
    if (!decision || decision.measure === "focus") return false;
    return answer(decision, shows);
  });
}
const focus = decisions.find((decision) => decision.measure === "focus");
for (const [key, value] of Object.entries(FOCUSES)) {
  keyboard.on(key, `${focus.place.dataset.name}: ${focusWord(value)}`, () => answer(focus, value));
}
keyboard.on("d", words.decideText, () => {
  const decide = current()?.decide;
  if (!decide || decide.hidden) return false;
  return decide.click();
});
undoByKey(undoLatest);
redoByKey();
document.addEventListener("undone", () => Promise.all([refresh(), retell()]));

/* Where somebody stands, and whose face this is. */
const places = document.querySelector(".places");

/** Open the choice of a place, for the figure of a measure. */
function changePlace(measure) {
  places.open = true;
  const who = places.querySelector("select");
  if ([...who.options].some((option) => option.value === measure)) who.value = measure;
  places.querySelector(".persons button").focus();
}
if (places) {
  const who = places.querySelector("select");
  places.hidden = false;
  keyboard.on("w", words.where, () => {
    places.open = true;
    who.focus();
  });
  offerChanges(changePlace);
  const stands = (box) => answer(decisions.find((one) => one.measure === who.value), true, { [who.value]: box });
  async function confirmFace(box) {
    const name = await askCoder();
    if (!name) return;
    const figure = who.selectedOptions[0].dataset.figure;
    const told = await send("POST", `/api/v1/figures/${figure}/references/from-photo`, { photo_id: Number(photo), box, coder: name });
    say(words.reference, { edit: told.edit });
  }
  for (const button of places.querySelectorAll("button")) {
    button.addEventListener("click", async () => {
      if (button.dataset.box) return void stands(button.dataset.box.split(",").map(Number));
      const box = await drawBox(document.querySelector(".crop svg"), words.drawing);
      button.focus();
      if (box) await (button.dataset.draw === "face" ? confirmFace(box) : stands(box)).catch?.(() => {});
      return undefined;
    });
  }
}

refresh();
