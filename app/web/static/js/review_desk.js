/* The desk: one photo at a time, one key one decision, the next photo at once.

   What a coder decides is kept on the device first and sent behind; no key waits for a server. */

import { say } from "./corrections.js";
import { dateFormat } from "./dates.js";
import { filled, ShrinkingIntervals } from "./review_interval.js";
import { Journal, Kept, newId } from "./review_journal.js";
import { DeskKeys } from "./review_keys.js";
import { Stage } from "./review_stage.js";

const LONGEST_S = 600; // who takes longer was away
const FEW = 40; // photos from which on more are fetched
const BOOLEAN = ["yes", "no", "cant_tell"];
const FOCUS = ["leader", "facility", "neither", "unsure"];

export class Desk {
  #root;
  #words;
  #cards = new Map();
  #queue = []; // items in their order; adjudicated ones are a question of an item
  #answers = new Map(); // by key of item and question: the decision that counts
  #history = []; // decisions in the order in which they were made
  #order = new Set(); // keys of items and questions in the order in which they were first decided
  #at = null; // place in the history that is looked at; null: at the open photo
  #current = null;
  #later = new Set();
  #back = new Set(); // items of visits before that are open again
  #since = performance.now();
  #times = [];
  #known = { mine: 0, left: 0 };
  #progress = null;
  #following = {}; // by question and answer: the questions whose answer follows
  #refused = new Map(); // by key: why the server did not store an answer

  /** `extra`: actions of buttons besides the usual ones. */
  constructor(root, coder, extra = {}) {
    this.#root = root;
    this.#words = root.dataset;
    this.coder = coder;
    this.adjudicates = root.dataset.mode === "adjudicate";
    this.journal = new Journal(root.dataset.sample, coder, root.dataset.mode);
    this.#seen = new Kept(`seen.${root.dataset.sample}.${coder}`);
    this.stage = new Stage(this.#part("stage"), (card) => this.#where(card));
    this.intervals = new ShrinkingIntervals(root);
    const decisions = [...BOOLEAN, ...FOCUS].map((answer) => [answer, () => this.decide(answer)]);
    this.keys = new DeskKeys(root, {
      ...Object.fromEntries(decisions),
      undo: () => this.undo(),
      before: () => this.walk(-1),
      after: () => this.walk(1),
      skip: () => this.skip(),
      page: () => this.stage.togglePage(),
      faces: () => this.stage.nextPart(),
      note: () => this.#askNote(),
      others: () => this.showOthers(),
      keys: () => this.keys.remap(),
      ...extra,
    });
    document.addEventListener("visibilitychange", () => (this.#since = null));
    this.#part("note").addEventListener("submit", (event) => this.#keepNote(event));
  }

  #seen;
  #note = "";

  /** Take what the server, or the file, has for the coder, and begin. */
  begin(data) {
    this.#cards.clear();
    this.#answers.clear();
    this.#order.clear();
    this.#later.clear();
    this.#back.clear();
    this.#refused.clear();
    this.#history = [];
    this.#progress = data.progress;
    this.#following = data.following;
    this.#tellOutsider(data);
    this.#known = { mine: data.progress.mine, left: data.left };
    for (const card of [...data.items, ...data.disputes]) this.#cards.set(card.item, card);
    const asked = (item) => data.questions.map((question) => ({ item, question }));
    this.#queue = this.adjudicates
      ? data.disputes.map(({ item, question, said }) => ({ item, question, said }))
      : data.open.flatMap(asked);
    for (const one of [...data.before].reverse()) {
      const from = one.client_id && data.before.find((other) => other.client_id === one.client_id && one.question in this.#follows(other));
      this.#write({ ...one, isOld: true, implied: Boolean(from) });
    }
    for (const [, entry] of this.journal.entries()) this.#replay(entry);
    this.#advance();
    this.intervals.soon();
  }

  /** Tell somebody whom a sample with named coders has nothing for. */
  #tellOutsider({ sample, left, progress }) {
    const place = this.#part("outsider");
    place.hidden = this.adjudicates || !sample.coders.length || sample.coders.includes(this.coder) || left + progress.mine > 0;
    const names = new Intl.ListFormat(document.documentElement.lang).format(sample.coders);
    place.textContent = filled(this.#words.outsider, { names, coder: this.coder });
  }

  /** What stands for a decision in the queue: an item and a question. */
  #key({ item, question }) {
    return `${item} ${question}`;
  }

  /** The questions about the same photo whose answer follows from a decision, with that answer. */
  #follows({ question, answer }) {
    return this.#following[question]?.[answer] ?? {};
  }

  #replay(entry) {
    if (entry.withdrawn) this.#forget(entry.client_id);
    else if (!this.#cards.has(entry.item)) return; // of another batch; it is sent all the same
    else if (!this.#history.some((one) => one.client_id === entry.client_id)) this.#note_down(entry);
  }

  #note_down(entry) {
    this.#write(entry);
    for (const [question, answer] of Object.entries(entry.following ?? {})) this.#write({ ...entry, question, answer, following: null, implied: true });
  }

  #write(decision) {
    const key = this.#key(decision);
    this.#history.push({ ...decision, previous: this.#answers.get(key) });
    this.#answers.set(key, this.#history.at(-1));
    this.#order.add(key);
    this.#refused.delete(key);
  }

  /** Forget a decision and what followed from it; returns them. */
  #forget(id) {
    const gone = this.#history.filter((one) => one.client_id === id);
    this.#history = this.#history.filter((one) => one.client_id !== id);
    for (const decision of [...gone].reverse()) {
      const key = this.#key(decision);
      if (this.#answers.get(key) !== decision) continue;
      if (decision.previous) this.#answers.set(key, decision.previous);
      else {
        this.#answers.delete(key);
        this.#order.delete(key);
      }
    }
    return gone;
  }

  /** Ask again, first of all, what decisions were about. */
  #ask(decisions) {
    for (const { item, question } of [...decisions].reverse()) {
      const key = this.#key({ item, question });
      const place = this.#queue.findIndex((one) => this.#key(one) === key);
      if (place < 0) this.#back.add(item);
      this.#queue.unshift(place < 0 ? { item, question } : this.#queue.splice(place, 1)[0]);
      this.#later.delete(key);
    }
  }

  /** Decide the question that is shown; what was decided before is changed. */
  decide(answer) {
    const target = this.#current;
    if (!target || !this.#options(target.question).includes(answer)) return;
    if (this.#at !== null && this.#seen.get([]).includes(target.item)) {
      this.#say(this.#words.shown);
      return;
    }
    if (!this.stage.seen) {
      this.#say(this.#words.unseen);
      return;
    }
    const card = this.#cards.get(target.item);
    const following = this.#followingOf(target, answer);
    const entry = {
      client_id: newId(),
      item: target.item,
      question: target.question,
      answer,
      note: this.#note || null,
      seconds: this.#taken(),
      known: card.coders ?? [],
      ...(Object.keys(following).length ? { following } : {}),
      ...(this.adjudicates ? { adjudicates: true } : {}),
    };
    const before = this.#answers.get(this.#key(target));
    if (!this.#keep(entry)) return;
    this.#note = "";
    this.#note_down(entry);
    this.#askAgain(before, following);
    if (entry.seconds !== null) this.#times.push(entry.seconds);
    if (this.#at === null) {
      this.#advance();
    } else {
      this.#show(target);
      this.#say(this.#words.changed);
    }
    this.changed?.();
  }

  /** What follows from an answer; an adjudicator decides what is disputed, and nothing else. */
  #followingOf({ item, question }, answer) {
    const all = Object.entries(this.#follows({ question, answer }));
    const queued = new Set(this.#queue.filter((one) => one.item === item).map((one) => one.question));
    return Object.fromEntries(this.adjudicates ? all.filter(([name]) => queued.has(name)) : all);
  }

  /** Ask what followed from an answer that was changed, and follows no more. */
  #askAgain(before, following) {
    if (!before) return;
    const open = Object.keys(this.#follows(before))
      .map((question) => ({ item: before.item, question }))
      .filter((one) => !(one.question in following) && this.#answers.get(this.#key(one))?.implied);
    for (const one of open) {
      this.#answers.delete(this.#key(one));
      this.#order.delete(this.#key(one));
    }
    this.#ask(open);
  }

  /** Take the last decision back, and show its photo. */
  undo() {
    const last = this.#history.findLast((one) => one.client_id);
    if (!last) {
      this.#say(this.#words.nothing);
      return;
    }
    if (!this.#keep({ client_id: last.client_id, withdrawn: true })) return;
    const gone = this.#forget(last.client_id);
    this.#times.pop();
    this.#at = null;
    this.#ask(gone);
    this.#advance();
    this.#say(this.#words.undone);
    this.changed?.();
  }

  #keep(entry) {
    try {
      this.journal.add(entry);
      return true;
    } catch {
      say(this.#words.full, { alert: true });
      return false;
    }
  }

  /** Let the photo come again at the end. */
  skip() {
    if (this.#at !== null || !this.#current) return;
    for (const one of this.#queue) if (one.item === this.#current.item) this.#later.add(this.#key(one));
    this.#advance();
  }

  /** Walk through the decisions: -1 to the one before, 1 to the one after. */
  walk(step) {
    const places = this.#places();
    if (this.#at === null && step > 0) return;
    const next = (this.#at ?? places.length) + step;
    if (next < 0) {
      this.#say(this.#words.first);
    } else if (next >= places.length) {
      this.#at = null;
      this.#advance();
    } else {
      this.#at = next;
      this.#show(places[next]);
    }
  }

  /** The decisions that count, in the order in which their photos came. */
  #places() {
    return [...this.#order].map((key) => this.#answers.get(key)).filter((one) => !one.implied);
  }

  /** Show what the machine and others say of a photo that is decided; from then on it stays so. */
  async showOthers() {
    if (this.#at === null) this.walk(-1);
    if (this.#at === null) {
      this.#say(this.#words.later);
      return;
    }
    const { item, question } = this.#current;
    const photo = this.#cards.get(item).photo;
    const open = this.#queue.some((one) => one.item === item && !this.#answers.has(this.#key(one)));
    if (open || !navigator.onLine) {
      this.#say(this.#words.later);
      return;
    }
    const answer = await fetch(`/api/v1/photos/${photo}/reviews`);
    if (!answer.ok) return;
    this.#seen.set([...this.#seen.get([]).filter((one) => one !== item), item].slice(-500));
    const told = await answer.json();
    if (this.#current?.item !== item) return;
    this.#tell(this.#whatOthersSay(told, question));
  }

  #whatOthersSay(told, question) {
    const percent = new Intl.NumberFormat(document.documentElement.lang, { style: "percent" });
    const measures = question === "focus" ? FOCUS.slice(0, 3).map((one) => `focus_${one}`) : [question];
    const chances = measures.filter((one) => one in told.machine).map((one) => {
      const name = question === "focus" ? `${this.#answerText(one.replace("focus_", ""))} ` : "";
      return `${name}${percent.format(told.machine[one])}`;
    });
    const lines = [chances.length ? filled(this.#words.probability, { p: chances.join(", ") }) : this.#words.unknown];
    const others = told.reviews.filter((one) => !one.withdrawn_at && one.coder !== this.coder && measures.some((name) => name in one.answers));
    for (const one of others) {
      const shown = measures.find((name) => one.answers[name]);
      const word = question === "focus" ? (shown?.replace("focus_", "") ?? "unsure") : { true: "yes", false: "no" }[one.answers[question]] ?? "cant_tell";
      lines.push(`${one.coder}: ${this.#answerText(word)}${one.note ? ` – ${one.note}` : ""}`);
    }
    return others.length ? lines : [...lines, this.#words.nobody];
  }

  #answerText(answer) {
    return this.#root.querySelector(`[data-do="${answer}"]`)?.dataset.text ?? answer;
  }

  /** A decision that the server has refused: its photo is shown again, with the reason. */
  refuse(reason, entry) {
    if (entry.withdrawn) return;
    const gone = this.#forget(entry.client_id);
    for (const one of gone) this.#later.delete(this.#key(one));
    const asked = gone.length ? gone : [entry];
    this.#refused.set(this.#key(entry), `${this.#words.refused} ${reason}`);
    say(this.#refused.get(this.#key(entry)), { alert: true });
    if (!this.#cards.has(entry.item)) return; // of another batch
    this.#ask(asked.filter((one) => !this.#answers.has(this.#key(one))));
    const kept = this.#places().findIndex((one) => this.#key(one) === this.#key(entry));
    if (kept < 0) {
      this.#advance();
    } else {
      this.#at = kept; // what was answered before stands
      this.#show(entry);
    }
  }

  /** Whether few photos are left here, and more at the server. */
  get isShort() {
    const open = this.#openItems().size;
    return !this.adjudicates && open < FEW && this.#known.left - this.#doneItems(open) > open;
  }

  /** Take more photos from the server, behind those that are here. */
  more(data) {
    const here = new Set(this.#queue.map((one) => one.item));
    for (const card of data.items) if (!this.#cards.has(card.item)) this.#cards.set(card.item, card);
    this.#queue.push(...data.open.filter((item) => !here.has(item)).flatMap((item) => data.questions.map((question) => ({ item, question }))));
    if (this.#current === null) this.#advance();
  }

  #openItems() {
    return new Set(this.#open().map((one) => one.item));
  }

  #doneItems(open = this.#openItems().size) {
    return new Set(this.#queue.map((one) => one.item)).size - open;
  }

  /** Items done here that are a second coder's part. */
  #doneTwice() {
    if (this.adjudicates) return 0;
    const open = this.#openItems();
    return [...new Set(this.#queue.map((one) => one.item))].filter((item) => !open.has(item) && this.#cards.get(item).second).length;
  }

  /** Decisions that were made here and count, for a file. */
  get decisions() {
    return this.#places().filter((one) => !one.isOld);
  }

  #open() {
    const open = this.#queue.filter((one) => !this.#answers.has(this.#key(one)));
    const now = open.filter((one) => !this.#later.has(this.#key(one)));
    return [...now, ...open.filter((one) => this.#later.has(this.#key(one)))];
  }

  #advance() {
    const open = this.#open();
    this.#at = null;
    if (open.length) this.#show(open[0]);
    else this.#end();
    const items = new Set(open.map((one) => one.item));
    this.stage.fetchAhead([...items].map((item) => this.#cards.get(item)));
  }

  #show(target) {
    const same = this.#current?.item === target.item && this.#part("ended").hidden;
    this.#current = { item: target.item, question: target.question };
    const card = this.#cards.get(target.item);
    if (!same) this.stage.show(card);
    this.#part("ended").hidden = true;
    for (const one of this.#root.querySelectorAll(".question")) one.hidden = one.dataset.question !== target.question;
    const options = this.#options(target.question);
    for (const group of this.#root.querySelectorAll(".answers")) {
      group.hidden = (group.dataset.options === "focus") !== (options === FOCUS);
    }
    const given = this.#at === null ? null : this.#answers.get(this.#key(target))?.answer;
    for (const button of this.#root.querySelectorAll(".answers button")) {
      if (given === null) button.removeAttribute("aria-pressed");
      else button.setAttribute("aria-pressed", String(button.dataset.do === given));
    }
    const dispute = this.#queue.find((one) => this.#key(one) === this.#key(target));
    const note = this.#at === null ? null : this.#answers.get(this.#key(target))?.note;
    const refused = this.#refused.get(this.#key(target));
    this.#tell([
      ...(refused ? [refused] : []),
      ...(dispute?.said ?? []).map((one) => `${one.coder}: ${this.#answerText(one.answer)}${one.note ? ` – ${one.note}` : ""}`),
      ...(note ? [note] : []),
    ]);
    this.#part("where").textContent = this.#where(card);
    this.#since = performance.now();
    this.#tellProgress();
  }

  #end() {
    this.#current = null;
    this.stage.clear();
    this.#tell([]);
    this.#part("where").textContent = "";
    this.#part("ended").hidden = false;
    this.#tellProgress();
    this.ended?.();
  }

  #options(question) {
    return question === "focus" ? FOCUS : BOOLEAN;
  }

  #taken() {
    if (this.#since === null || this.#at !== null) return null;
    const seconds = (performance.now() - this.#since) / 1000;
    return seconds > LONGEST_S ? null : Math.round(1000 * seconds) / 1000;
  }

  #tellProgress() {
    const all = this.adjudicates ? this.#queue.length : this.#known.mine + this.#known.left;
    const done = this.adjudicates ? all - this.#open().length : Math.min(all, this.#known.mine - this.#back.size + this.#doneItems());
    const counted = (n) => (all ? filled(this.#words.count, { n, all }) : "");
    this.#part("count").textContent = counted(Math.min(done + (this.#current && this.#at === null ? 1 : 0), all));
    this.#part("mine").textContent = counted(done);
    const { second } = this.#progress;
    const twice = second.coded + this.#doneTwice();
    this.#part("second").textContent = second.items ? filled(this.#words.second, { n: twice, all: second.items }) : "";
    const times = [...this.#times].sort((a, b) => a - b);
    const median = times.length ? times[Math.floor(times.length / 2)] : this.#progress.seconds;
    this.#part("speed").textContent = median ? filled(this.#words.speed, { n: median.toFixed(1) }) : "";
    this.#root.querySelector(".progress .done .value").setAttribute("width", all ? (100 * done) / all : 0);
  }

  /** Say how many decisions wait to be sent. */
  tellState(waiting, reached) {
    const place = this.#part("state");
    const unstored = this.#refused.size;
    if (waiting) place.textContent = filled(this.#words.waiting, { n: waiting });
    else place.textContent = unstored ? filled(this.#words.unstored, { n: unstored }) : this.#words.sent;
    place.classList.toggle("waits", !reached || unstored > 0);
    place.title = reached ? "" : this.#words.offline;
    if (!reached) this.#say(this.#words.offline);
  }

  #where(card) {
    const day = card.date && dateFormat({ dateStyle: "medium" }).format(new Date(`${card.date}T00:00:00Z`));
    return filled(this.#words.where, { publication: card.publication ?? "", date: day ?? "", page: card.page_number ?? "" });
  }

  #askNote() {
    const form = this.#part("note");
    form.hidden = false;
    form.elements.note.value = this.#note;
    form.elements.note.focus();
  }

  #keepNote(event) {
    event.preventDefault();
    const form = this.#part("note");
    this.#note = form.elements.note.value.trim();
    form.hidden = true;
    this.#part("stage").focus();
    this.#tell(this.#note ? [this.#note] : []);
  }

  #tell(lines) {
    const place = this.#part("said");
    place.hidden = !lines.length;
    place.replaceChildren(...lines.map((line) => {
      const row = document.createElement("p");
      row.textContent = line;
      return row;
    }));
  }

  #say(text) {
    say(text);
  }

  #part(name) {
    return this.#root.querySelector(`[data-show="${name}"]`);
  }
}
