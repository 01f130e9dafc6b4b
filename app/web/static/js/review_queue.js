/* What a coder is asked at a desk: questions about items, in their order, those put off last. */

import { askedKey } from "./review_decisions.js";

const FEW = 60; // open items from which on more are fetched

export class Queue {
  #cards = new Map(); // by item
  #asked = []; // a question of an item each
  #later = new Set(); // keys of questions that were put off
  #back = new Set(); // items of visits before that are asked again
  #decisions;
  #questions;
  #adjudicates;
  #mine; // items that the coder had coded when the visit began
  #coming; // open items that are at the server, and not here as yet

  /** `adjudicates`: what coders disagree on is asked, in place of open items. */
  constructor(data, decisions, adjudicates) {
    this.#decisions = decisions;
    this.#questions = data.questions;
    this.#adjudicates = adjudicates;
    this.#mine = data.progress.mine;
    this.#coming = adjudicates ? 0 : data.left - data.open.length;
    for (const card of [...data.items, ...data.disputes]) this.#cards.set(card.item, this.#read(card, data));
    this.#asked = adjudicates
      ? data.disputes.map(({ item, question, said }) => ({ item, question, said }))
      : this.#allAbout(data.open);
  }

  /** An item as it is shown, with what the server had when it was read. */
  #read(card, { since, codebook }) {
    return { ...card, since, codebook };
  }

  #allAbout(items) {
    return items.flatMap((item) => this.#questions.map((question) => ({ item, question })));
  }

  /** What is known of an item; undefined if it is not here. */
  card(item) {
    return this.#cards.get(item);
  }

  /** What is asked about an item. */
  about(item) {
    return this.#asked.filter((one) => one.item === item);
  }

  /** What is still asked, in order. */
  get open() {
    const open = this.#asked.filter((one) => !this.#decisions.of(one));
    const isLater = (one) => this.#later.has(askedKey(one));
    return this.#later.size ? [...open.filter((one) => !isLater(one)), ...open.filter(isLater)] : open;
  }

  /** The items about which something is still asked, in order. */
  get openItems() {
    return new Set(this.open.map((one) => one.item));
  }

  /** Ask again, first of all, what decisions were about. */
  ask(decisions) {
    for (const { item, question } of [...decisions].reverse()) {
      const key = askedKey({ item, question });
      const place = this.#asked.findIndex((one) => askedKey(one) === key);
      if (place < 0) this.#back.add(item);
      this.#asked.unshift(place < 0 ? { item, question } : this.#asked.splice(place, 1)[0]);
      this.#later.delete(key);
    }
  }

  /** Ask about an item at the end. */
  putOff(item) {
    for (const one of this.about(item)) this.#later.add(askedKey(one));
  }

  /** Open items that are at the server, and not here as yet. */
  get coming() {
    return this.#coming;
  }

  /** Whether few open items are here, and more at the server. */
  get isShort() {
    return this.#coming > 0 && this.openItems.size < FEW;
  }

  /** Take more from the server, behind what is here.

      `asked`: the items that were open here when the server was asked. Those that others have coded
      meanwhile are asked no more, but for the one that is looked at. */
  add(data, asked, looked) {
    const left = new Set(data.open);
    const cards = new Map(data.items.map((card) => [card.item, card]));
    // The server tells the first open items only; of those behind the last one nothing is known.
    const open = [...this.openItems];
    const end = left.size < data.left ? open.indexOf(data.open.at(-1)) : -1;
    const gone = new Set(open.filter((item, i) => asked.has(item) && item !== looked && !left.has(item) && (end < 0 || i < end)));
    this.#asked = this.#asked.filter((one) => !gone.has(one.item));
    const here = this.#items;
    for (const [item, card] of cards) if (!this.#cards.has(item)) this.#cards.set(item, this.#read(card, data));
    this.#asked.push(...this.#allAbout(data.open.filter((item) => !here.has(item))));
    this.#coming = data.left - data.open.length;
  }

  get #items() {
    return new Set(this.#asked.map((one) => one.item));
  }

  /** How many are done, of how many: items, or an adjudicator's questions. */
  get progress() {
    if (this.#adjudicates) return { all: this.#asked.length, done: this.#asked.length - this.open.length };
    const open = this.openItems.size;
    const done = this.#mine - this.#back.size + this.#items.size - open;
    return { all: done + open + this.#coming, done };
  }
}
