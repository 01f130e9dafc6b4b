/* Answers about the photos of a gallery: one by a click or a key, or all that match as one edit. */

import { askCoder, say, send, undoByKey } from "./corrections.js";
import { outbox, redoByKey, submit, undoLatest } from "./journal_sender.js";
import { keyboard } from "./keyboard.js";

const box = document.querySelector(".answering");
const KEYS = { y: "true", n: "false", u: "null" };
const FOCUSES = { 1: "leader", 2: "facility", 3: "neither", 4: "unsure" };

class Answering {
  constructor() {
    this.question = box.querySelector("#question");
    this.byClick = box.querySelector("#by-click");
    this.preview = box.querySelector(".preview");
    this.title = box.querySelector("#preview-title");
    this.form = box.querySelector("form");
    this.question.addEventListener("change", () => this.#turn());
    this.form.addEventListener("submit", (event) => event.preventDefault());
    if (this.preview) this.#offerAll();
    box.hidden = false;
    this.#turn();
  }

  /** Let all photos that match be answered for, once ten of them were seen. */
  #offerAll() {
    [this.confirm, this.cancel] = this.preview.querySelectorAll("button");
    this.form.addEventListener("submit", () => this.show().catch(() => {}));
    this.form.addEventListener("change", () => this.close());
    this.confirm.addEventListener("click", () => this.answerAll().catch(() => this.#free()));
    this.cancel.addEventListener("click", () => {
      this.close();
      box.querySelector("[type=submit]").focus();
    });
  }

  get isFocus() {
    return this.question.value === "focus";
  }

  #turn() {
    for (const [kind, shown] of [[".of-measure", !this.isFocus], [".of-focus", this.isFocus]]) {
      const answers = box.querySelector(kind);
      answers.hidden = !shown;
      answers.disabled = !shown;
    }
    // An answer to another question is none to this one.
    for (const answer of this.form.querySelectorAll("[type=radio]")) answer.checked = false;
  }

  /** What is answered: the chosen answer, or the one of a key; null, and it is asked for. */
  given(value = box.querySelector(`[name=${this.isFocus ? "focus" : "shows"}]:checked`)?.value) {
    if (value === undefined) {
      box.open = true;
      this.form.reportValidity();
      return null;
    }
    if (this.isFocus) return { focus: value };
    return { answers: { [this.question.value]: JSON.parse(value) } };
  }

  /** The answer in words: "children: no". */
  words(given) {
    const name = this.question.selectedOptions[0].textContent.trim();
    if (given.focus) return `${name}: ${box.querySelector(`[name=focus][value=${given.focus}]`).parentElement.firstChild.nextSibling.textContent.trim()}`;
    const [shows] = Object.values(given.answers);
    return `${name}: ${shows === null ? box.dataset.unsure : shows ? box.dataset.yes : box.dataset.no}`;
  }

  async one(tile, given) {
    const text = this.words(given);
    if (!(await askCoder())) return;
    const id = idOf(tile);
    const told = await submit({ address: box.dataset.photo.replace("ID", id), body: given, about: `photo ${id}`, text, href: tile.getAttribute("href") });
    if (told) say(text, { edit: told.edit });
  }

  async show() {
    const given = this.given();
    if (!given) return;
    const asked = new URL(box.dataset.preview, location.href);
    if (given.focus) asked.searchParams.set("focus_answer", given.focus);
    else {
      const [[measure, shows]] = Object.entries(given.answers);
      asked.searchParams.set("measure", measure);
      if (shows !== null) asked.searchParams.set("shows", String(shows));
    }
    asked.searchParams.set("seed", String(Math.floor(Math.random() * 2 ** 31)));
    const told = await send("GET", asked.href, undefined);
    const number = new Intl.NumberFormat(document.documentElement.lang).format(told.photos);
    this.pending = { ...given, expected: told.photos };
    this.title.textContent = `${this.words(given)} · ${number}`;
    const { one, text } = this.confirm.dataset;
    this.confirm.textContent = told.photos === 1 ? one : text.replace("N", number);
    this.confirm.disabled = told.photos === 0 || told.photos > told.most;
    const notes = [];
    if (told.photos > told.most) notes.push(`${box.dataset.tooMany} ${told.most}`);
    if (told.settled) notes.push(`${box.dataset.settled} ${told.settled}${told.otherwise ? `, ${box.dataset.otherwise} ${told.otherwise}` : ""}`);
    this.preview.querySelector(".settled-before").textContent = notes.join(". ");
    this.preview.querySelector(".drawn").replaceChildren(...told.sample.map((id) => this.#sample(id)));
    this.preview.hidden = false;
    this.title.focus();
  }

  #sample(id) {
    const item = document.createElement("li");
    const link = document.createElement("a");
    const picture = document.createElement("img");
    link.href = box.dataset.photoPage.replace(/0$/, id);
    picture.src = box.dataset.image.replace("ID", id);
    picture.alt = box.dataset.drawn.replace("ID", id);
    picture.height = 90;
    link.append(picture);
    item.append(link);
    return item;
  }

  async answerAll() {
    const name = await askCoder();
    if (!name) return;
    this.confirm.disabled = true;
    this.preview.setAttribute("aria-busy", "true");
    this.title.textContent = box.dataset.busy;
    const told = await send("POST", box.dataset.answer, { coder: name, ...this.pending });
    this.#free();
    this.close();
    box.querySelector("summary").focus();
    const left = told.left_out.length ? ` ${box.dataset.leftOut} ${told.left_out.length}` : "";
    say(`${told.text}.${left}`, { edit: told.edit });
  }

  #free() {
    this.preview.removeAttribute("aria-busy");
    this.confirm.disabled = false;
  }

  close() {
    this.preview.hidden = true;
  }
}

const grid = document.querySelector("#grid");
const idOf = (tile) => new URL(tile.href).pathname.split("/").at(-1);
if (box && grid) {
  const answering = new Answering();
  const tileOf = (target) => target?.closest?.("#grid .tile[href]");
  /** Answer by a key, and go on to the next photo, as the next key is for that one. */
  const byKey = (tile, given) => {
    if (grid.dispatchEvent(new Event("answered", { cancelable: true }))) {
      const all = [...grid.querySelectorAll(".tile[href]")];
      all[all.indexOf(tile) + 1]?.focus();
    }
    return quietly(answering.one(tile, given));
  };
  const quietly = (promise) => promise.catch(() => {});
  keyboard.on("a", box.dataset.open, () => {
    box.open = true;
    answering.question.focus();
  });
  const words = { y: box.dataset.yes, n: box.dataset.no, u: box.dataset.unsure };
  for (const [key, value] of Object.entries(KEYS)) {
    keyboard.on(key, words[key], () => {
      const tile = tileOf(document.activeElement);
      if (!tile || answering.isFocus) return false;
      return byKey(tile, answering.given(value));
    });
  }
  for (const [key, value] of Object.entries(FOCUSES)) {
    keyboard.on(key, `${box.dataset.focusName} ${key}`, () => {
      const tile = tileOf(document.activeElement);
      if (!tile || !answering.isFocus) return false;
      return byKey(tile, { focus: value });
    });
  }
  grid.addEventListener("click", (event) => {
    const tile = tileOf(event.target);
    if (!tile || !answering.byClick.checked) return;
    event.preventDefault();
    const given = answering.given();
    if (given) quietly(answering.one(tile, given));
  });
  document.addEventListener("undone", () => {
    for (const tile of grid.querySelectorAll("[data-answered]")) delete tile.dataset.answered;
  });
  outbox.addEventListener("stored", ({ detail: { entry, result } }) => {
    const tile = result && [...grid.querySelectorAll(".tile[href]")].find((one) => entry.about === `photo ${idOf(one)}`);
    if (tile) tile.dataset.answered = entry.text;
  });
  undoByKey(undoLatest);
  redoByKey();
}
