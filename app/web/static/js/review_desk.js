/* The desk: one photo at a time, one key one decision, the next photo at once.

   What a coder decides is kept on the device first and sent behind; no key waits for a server. */

import { say } from "./corrections.js";
import { Journal, newId } from "./journal.js";
import { entryOf } from "./review_answer.js";
import { Board, BOOLEAN, FOCUS, optionsOf } from "./review_board.js";
import { askedKey, Decisions } from "./review_decisions.js";
import { showCodebook } from "./review_codebook.js";
import { filled, ShrinkingIntervals } from "./review_interval.js";
import { Kept } from "./review_kept.js";
import { DeskKeys } from "./review_keys.js";
import { askOthers, saidBy, whatOthersSay } from "./review_others.js";
import { Queue } from "./review_queue.js";
import { Look } from "./review_look.js";
import { Stage } from "./review_stage.js";

const LONGEST_S = 600; // who takes longer was away

export class Desk {
  #board;
  #words;
  #decisions;
  #queue;
  #seen; // items of which the coder has seen what others say
  #at = null; // place among the decisions that is looked at; null: at the open photo
  #current = null; // item and question
  #note = "";
  #since = performance.now();
  #times = [];
  #told = null; // progress as the server told it
  #refused = new Map(); // by key: why the server did not store an answer
  #look;
  #undone = []; // decisions that were taken back, the latest last

  /** `extra`: actions of buttons besides the usual ones. */
  constructor(root, coder, extra = {}) {
    this.#board = new Board(root);
    this.#words = root.dataset;
    this.coder = coder;
    this.adjudicates = root.dataset.mode === "adjudicate";
    this.desk = `${root.dataset.sample} ${root.dataset.mode}`;
    this.journal = new Journal((entry) => entry.desk === this.desk && entry.coder === coder);
    this.#seen = new Kept(`seen.${root.dataset.sample}.${coder}`);
    this.stage = new Stage(this.#board.part("stage"), (card) => this.#board.where(card), this.#words);
    this.intervals = new ShrinkingIntervals(root);
    this.#look = new Look(root, (answer) => this.#swipe(answer));
    const decisions = [...BOOLEAN, ...FOCUS].map((answer) => [answer, () => this.decide(answer)]);
    this.keys = new DeskKeys(root, {
      ...Object.fromEntries(decisions),
      undo: () => this.undo(),
      redo: () => this.redo(),
      before: () => this.walk(-1),
      after: () => this.walk(1),
      skip: () => this.skip(),
      page: () => this.stage.togglePage(),
      faces: () => this.stage.nextPart(),
      note: () => this.#askNote(),
      talk: () => this.#flag(),
      book: () => showCodebook(root, this.#current?.question),
      surround: () => this.#look.toggleSurround(),
      darker: () => this.#look.brighten(-1),
      brighter: () => this.#look.brighten(1),
      others: () => this.showOthers(),
      keys: () => this.keys.remap(),
      ...extra,
    });
    document.addEventListener("visibilitychange", () => (this.#since = null));
  }

  /** Take what the server, or the file, has for the coder, and begin. */
  begin(data) {
    this.#refused.clear();
    this.#told = data.progress;
    const { sample, left, progress } = data;
    const isOutside = !this.adjudicates && sample.coders.length && !sample.coders.includes(this.coder) && left + progress.mine === 0;
    this.#board.tellOutsider(sample.coders, isOutside ? this.coder : null);
    this.#decisions = new Decisions(data);
    this.#queue = new Queue(data, this.#decisions, this.adjudicates);
    for (const [, { decision }] of this.journal.entries()) this.#replay(decision);
    for (const [, { decision, reason }] of this.journal.refused()) this.#refused.set(askedKey(decision), `${this.#words.refused} ${reason}`);
    this.#advance();
    this.intervals.soon();
  }

  #replay(entry) {
    if (entry.withdrawn) this.#decisions.forget(entry.client_id);
    else if (!this.#queue.card(entry.item)) return; // of another batch; it is sent all the same
    else if (!this.#decisions.knows(entry.client_id)) this.#decisions.note(entry);
  }

  /** Decide the question that is shown; what was decided before is changed. */
  decide(answer) {
    const target = this.#current;
    if (!target || !optionsOf(target.question).includes(answer)) return;
    if (this.#at !== null && this.#seen.get([]).includes(target.item)) {
      say(this.#words.shown);
      return;
    }
    if (!this.stage.seen) {
      say(this.#words.unseen);
      return;
    }
    this.#undone = [];
    this.#decide(target, answer, this.#note || null, this.#taken());
  }

  #decide(target, answer, note, seconds) {
    const following = this.#followingOf(target, answer);
    const { since, codebook } = this.#queue.card(target.item);
    const decision = {
      client_id: newId(),
      item: target.item,
      question: target.question,
      answer,
      note,
      seconds,
      since,
      codebook,
      ...(Object.keys(following).length ? { following } : {}),
      ...(this.adjudicates ? { adjudicates: true } : {}),
    };
    const before = this.#decisions.of(target);
    const entry = this.#keep(decision);
    if (!entry) return false;
    this.#note = "";
    this.#decisions.note(decision);
    const settled = new Set([target.question, ...Object.keys(following)].map((question) => askedKey({ item: target.item, question })));
    for (const key of settled) this.#refused.delete(key);
    this.journal.forget((one) => settled.has(askedKey(one.decision)));
    if (before) this.#queue.ask(this.#decisions.unfollow(before, following));
    if (seconds !== null) this.#times.push(seconds);
    if (this.#at === null) {
      this.#advance();
    } else {
      this.#show(target);
      say(this.#words.changed);
    }
    this.changed?.(entry);
    return true;
  }

  /** What follows from an answer; an adjudicator decides what is disputed, and nothing else. */
  #followingOf({ item, question }, answer) {
    const all = Object.entries(this.#decisions.follows({ question, answer }));
    const asked = new Set(this.#queue.about(item).map((one) => one.question));
    return Object.fromEntries(this.adjudicates ? all.filter(([name]) => asked.has(name)) : all);
  }

  /** Take the last decision back, and show its photo. */
  undo() {
    const last = this.#decisions.last;
    if (!last) {
      say(this.#words.nothing);
      return;
    }
    const entry = this.#keep({ client_id: last.client_id, withdrawn: true });
    if (!entry) return;
    const gone = this.#decisions.forget(last.client_id);
    this.#undone.push(gone.find((one) => !one.implied) ?? last);
    this.#times.pop();
    this.#queue.ask(gone);
    this.#advance();
    say(this.#words.undone);
    this.changed?.(entry);
  }

  /** Decide again as it was before the last decision was taken back. */
  redo() {
    const last = this.#undone.pop();
    if (!last || !this.#queue.card(last.item)) {
      say(this.#words.nothingRedo);
      return;
    }
    this.#at = null;
    if (this.#decide(last, last.answer, last.note ?? null, null)) say(this.#words.redone);
    else this.#undone.push(last);
  }

  /** Write a decision to this device; null: there is no room. */
  #keep(decision) {
    const { sample, mode, answers: address } = this.#words;
    const card = this.#queue.card(decision.item);
    const text = card ? `${this.#board.answerText(decision.answer)} – ${this.#board.where(card)}` : "";
    const entry = { ...this.entered, ...entryOf(decision, { sample, mode, coder: this.coder, address, text }) };
    try {
      this.journal.add(entry);
      return entry;
    } catch {
      say(this.#words.full, { alert: true });
      return null;
    }
  }

  /** Take in a decision that the coder has made in another tab. */
  take(decision) {
    const open = this.#at === null && this.#current;
    if (decision.withdrawn) this.#queue.ask(this.#decisions.forget(decision.client_id));
    else this.#replay(decision);
    const isAnswered = open && !decision.withdrawn && this.#decisions.of(open);
    if (isAnswered) say(this.#words.elsewhere);
    if (isAnswered || !this.#current) this.#advance();
    else if (this.#at !== null && askedKey(this.#current) === askedKey(decision)) this.#show(this.#current);
    else this.#tellProgress();
  }

  /** Let the photo come again at the end. */
  skip() {
    if (this.#at !== null || !this.#current) return;
    this.#queue.putOff(this.#current.item);
    this.#advance();
  }

  /** Walk through the decisions: -1 to the one before, 1 to the one after. */
  walk(step) {
    const { places } = this.#decisions;
    if (this.#at === null && step > 0) return;
    const next = (this.#at ?? places.length) + step;
    if (next < 0) {
      say(this.#words.first);
    } else if (next >= places.length) {
      this.#advance();
    } else {
      this.#at = next;
      this.#show(places[next]);
    }
  }

  /** Show what the machine and others say of a photo that is decided; from then on it stays so. */
  async showOthers() {
    if (this.#at === null) this.walk(-1);
    if (this.#at === null) {
      say(this.#words.later);
      return;
    }
    const { item, question } = this.#current;
    if (this.#queue.openItems.has(item) || !navigator.onLine) {
      say(this.#words.later);
      return;
    }
    const told = await askOthers(this.#queue.card(item).photo);
    if (!told) return;
    this.#seen.set([...this.#seen.get([]).filter((one) => one !== item), item].slice(-500));
    if (this.#current?.item === item) this.#board.tell(whatOthersSay(told, question, this.coder, this.#board));
  }

  /** A decision that the server has refused: its photo is shown again, with the reason. */
  refuse(reason, entry) {
    if (entry.withdrawn) return;
    const gone = this.#decisions.forget(entry.client_id);
    const asked = gone.length ? gone : [entry];
    this.#refused.set(askedKey(entry), `${this.#words.refused} ${reason}`);
    say(this.#refused.get(askedKey(entry)), { alert: true });
    if (!this.#queue.card(entry.item)) return; // of another batch
    this.#queue.ask(asked.filter((one) => !this.#decisions.of(one)));
    const kept = this.#decisions.places.findIndex((one) => askedKey(one) === askedKey(entry));
    if (kept < 0) {
      this.#advance();
    } else {
      this.#at = kept; // what was answered before stands
      this.#show(entry);
    }
  }

  /** Whether few open photos are here, and more at the server. */
  get isShort() {
    return this.#queue.isShort;
  }

  /** The items that are open here, and for the server, too: it knows of all that was taken back. */
  get askable() {
    const waits = this.journal.entries().some(([, { decision }]) => decision.withdrawn);
    return waits ? new Set() : this.#queue.openItems;
  }

  /** Take more photos from the server; `asked`: what was `askable` when it was asked. */
  more(data, asked) {
    this.#queue.add(data, asked, this.#current?.item);
    if (this.#current === null) this.#advance();
    else this.#tellProgress();
  }

  /** Decisions that were made here and count, for a file. */
  get decisions() {
    return this.#decisions.places.filter((one) => !one.isOld);
  }

  #advance() {
    const { open } = this.#queue;
    this.#at = null;
    if (open.length) this.#show(open[0]);
    else this.#end();
    const items = new Set(open.map((one) => one.item));
    this.stage.fetchAhead([...items].map((item) => this.#queue.card(item)));
    if (this.#queue.isShort) this.short?.();
  }

  #show(target) {
    const same = this.#current?.item === target.item;
    this.#current = { item: target.item, question: target.question };
    const card = this.#queue.card(target.item);
    if (!same) this.stage.show(card);
    const given = this.#at === null ? null : this.#decisions.of(target);
    this.#board.ask(target.question, given?.answer ?? null);
    const dispute = this.#queue.about(target.item).find((one) => one.question === target.question);
    const refused = this.#refused.get(askedKey(target));
    this.#board.tell([
      ...(refused ? [refused] : []),
      ...(dispute?.said ?? []).map((one) => saidBy(one, this.#board)),
      ...(given?.note ? [given.note] : []),
    ]);
    this.#board.part("where").textContent = this.#board.where(card);
    this.#since = performance.now();
    this.#tellProgress();
  }

  /** Nothing is open here: more is on its way, or all is done. */
  #end() {
    this.#current = null;
    this.stage.clear();
    if (this.short && this.#queue.coming > 0) this.#board.tellFetching();
    else this.#board.end();
    this.#tellProgress();
  }

  #taken() {
    if (this.#since === null || this.#at !== null) return null;
    const seconds = (performance.now() - this.#since) / 1000;
    return seconds > LONGEST_S ? null : Math.round(1000 * seconds) / 1000;
  }

  #tellProgress() {
    const { progress } = this.#queue;
    const { items, coded } = this.#told.second;
    const times = [...this.#times].sort((a, b) => a - b);
    const median = times.length ? times[Math.floor(times.length / 2)] : this.#told.seconds;
    const at = progress.done + (this.#current && this.#at === null ? 1 : 0);
    this.#board.tellProgress(progress, at, { n: coded, all: items }, median);
  }

  /** Say how many decisions wait to be sent. */
  tellState(reached) {
    this.#board.tellState(this.journal.entries().length, reached, this.#refused.size);
  }

  /** Decide by a swipe, where the question is answered by yes, no or can't tell. */
  #swipe(answer) {
    const before = this.#current;
    if (!before || !optionsOf(before.question).includes(answer)) return;
    const text = filled(this.#words.swiped, { answer: this.#board.answerText(answer) });
    this.decide(answer);
    if (this.#decisions.of(before)?.answer === answer) say(text);
  }

  /** Flag the photo to talk about; no answer changes by it. */
  #flag() {
    const target = this.#current;
    if (!target) return;
    const card = this.#queue.card(target.item);
    this.#board.askNote("", async (note) => {
      const stored = await sendFlag(this.#board.part("talk").dataset.flags, card.photo, { coder: this.coder, note, question: target.question });
      say(stored ? this.#words.flagged : this.#words.unflagged, { alert: !stored });
    }, "talk");
  }

  #askNote() {
    this.#board.askNote(this.#note, (note) => {
      this.#note = note;
      this.#board.tell(note ? [note] : []);
    });
  }
}

/** Store a flag; false where the server can't be reached, or refuses it. */
async function sendFlag(address, photo, flag) {
  const request = { method: "POST", headers: { "Content-Type": "application/json", "Accept-Language": document.documentElement.lang }, body: JSON.stringify(flag) };
  return fetch(`${address}/${photo}/flags`, request).then((answer) => answer.ok, () => false);
}
