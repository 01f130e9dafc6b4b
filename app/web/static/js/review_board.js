/* What stands around the photo of a desk: question, answers, what is said of it, progress. */

import { say } from "./corrections.js";
import { dateFormat } from "./dates.js";
import { filled } from "./review_interval.js";

export const BOOLEAN = ["yes", "no", "cant_tell"];
export const FOCUS = ["leader", "facility", "neither", "unsure"];

/** The answers that a question can have. */
export function optionsOf(question) {
  return question === "focus" ? FOCUS : BOOLEAN;
}

export class Board {
  #root;
  #reached = true;

  constructor(root) {
    this.#root = root;
    this.words = root.dataset;
  }

  /** An element by what it shows. */
  part(name) {
    return this.#root.querySelector(`[data-show="${name}"]`);
  }

  /** How an answer is called. */
  answerText(answer) {
    return this.#root.querySelector(`[data-do="${answer}"]`)?.dataset.text ?? answer;
  }

  /** Show a question with its answers, one of which was given; null: it is open. */
  ask(question, given) {
    this.part("ended").hidden = true;
    for (const one of this.#root.querySelectorAll(".question")) one.hidden = one.dataset.question !== question;
    const options = optionsOf(question);
    for (const group of this.#root.querySelectorAll(".answers")) {
      group.hidden = (group.dataset.options === "focus") !== (options === FOCUS);
    }
    for (const button of this.#root.querySelectorAll(".answers button")) {
      if (given === null) button.removeAttribute("aria-pressed");
      else button.setAttribute("aria-pressed", String(button.dataset.do === given));
    }
  }

  /** Show what is said of the photo, in lines. */
  tell(lines) {
    const place = this.part("said");
    place.hidden = !lines.length;
    place.replaceChildren(...lines.map(paragraph));
  }

  /** Where a photo is printed. */
  where(card) {
    const day = card.date && dateFormat({ dateStyle: "medium" }).format(new Date(`${card.date}T00:00:00Z`));
    const publication = JSON.parse(this.words.newspapers)[card.publication] ?? card.publication ?? "";
    return filled(this.words.where, { publication, date: day ?? "", page: card.page_number ?? "" });
  }

  /** Show that photos are on their way. */
  tellFetching() {
    const told = paragraph(this.words.fetching);
    told.className = "loading quiet";
    this.part("stage").replaceChildren(told);
    this.tell([]);
    this.part("where").textContent = "";
  }

  /** Show that nothing is left, nor anything to answer. */
  end() {
    for (const one of this.#root.querySelectorAll(".question, .answers")) one.hidden = true;
    this.tell([]);
    this.part("where").textContent = "";
    this.part("ended").hidden = false;
  }

  /** Tell somebody whom a sample with named coders has nothing for; `coder` null: everybody has. */
  tellOutsider(names, coder) {
    const place = this.part("outsider");
    place.hidden = coder === null;
    const list = new Intl.ListFormat(document.documentElement.lang).format(names);
    place.textContent = filled(this.words.outsider, { names: list, coder });
  }

  /** Show how far the coder is; `at`: the number of the photo that is looked at. */
  tellProgress({ all, done }, at, second, median) {
    const counted = (n) => (all ? filled(this.words.count, { n, all }) : "");
    this.part("count").textContent = counted(Math.min(at, all));
    this.part("mine").textContent = counted(done);
    this.part("second").textContent = second.all ? filled(this.words.second, second) : "";
    this.part("speed").textContent = median ? filled(this.words.speed, { n: median.toFixed(1) }) : "";
    this.#root.querySelector(".progress .done .value").setAttribute("width", all ? (100 * done) / all : 0);
  }

  /** Say how many decisions wait to be sent, and how many the server has refused. */
  tellState(waiting, reached, unstored) {
    const place = this.part("state");
    if (waiting) place.textContent = filled(this.words.waiting, { n: waiting });
    else place.textContent = unstored ? filled(this.words.unstored, { n: unstored }) : this.words.sent;
    place.classList.toggle("waits", !reached || unstored > 0);
    place.title = reached ? "" : this.words.offline;
    if (!reached && this.#reached) say(this.words.offline); // the header says it from then on
    this.#reached = reached;
  }

  /** Let the coder write a note, or with "talk" what is unclear; `keep(note)` takes it. */
  askNote(note, keep, name = "note") {
    const form = this.part(name);
    form.hidden = false;
    form.elements.note.value = note;
    form.elements.note.focus();
    form.onsubmit = (event) => {
      event.preventDefault();
      form.hidden = true;
      this.part("stage").focus();
      keep(form.elements.note.value.trim());
    };
  }
}

function paragraph(text) {
  const row = document.createElement("p");
  row.textContent = text;
  return row;
}
