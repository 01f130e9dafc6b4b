/* What a coder has decided at a desk: answers, what followed from them, and the way back. */

/** What stands for a question about an item. */
export function askedKey({ item, question }) {
  return `${item} ${question}`;
}

export class Decisions {
  #answers = new Map(); // by key of item and question: the decision that counts
  #history = []; // decisions in the order in which they were made
  #order = new Set(); // keys of items and questions in the order in which they were first decided
  #following; // by question and answer: the questions whose answer follows

  /** Of visits before: `before`, the latest first. */
  constructor({ following, before }) {
    this.#following = following;
    for (const one of [...before].reverse()) {
      const from = one.client_id && before.find((other) => other.client_id === one.client_id && one.question in this.follows(other));
      this.#write({ ...one, isOld: true, implied: Boolean(from) });
    }
  }

  /** The decision that counts about an item and a question. */
  of(asked) {
    return this.#answers.get(askedKey(asked));
  }

  /** Whether the decision with an id of a device was made. */
  knows(id) {
    return this.#history.some((one) => one.client_id === id);
  }

  /** The last decision that can be taken back. */
  get last() {
    return this.#history.findLast((one) => one.client_id);
  }

  /** The decisions that count, in the order in which their photos came; those that follow aside. */
  get places() {
    return [...this.#order].map((key) => this.#answers.get(key)).filter((one) => !one.implied);
  }

  /** The questions about the same photo whose answer follows from a decision, with that answer. */
  follows({ question, answer }) {
    return this.#following[question]?.[answer] ?? {};
  }

  /** Take in a decision, and what follows from it. */
  note(entry) {
    this.#write(entry);
    for (const [question, answer] of Object.entries(entry.following ?? {})) this.#write({ ...entry, question, answer, following: null, implied: true });
  }

  #write(decision) {
    const key = askedKey(decision);
    this.#history.push({ ...decision, previous: this.#answers.get(key) });
    this.#answers.set(key, this.#history.at(-1));
    this.#order.add(key);
  }

  /** Forget a decision and what followed from it; returns them. */
  forget(id) {
    const gone = this.#history.filter((one) => one.client_id === id);
    this.#history = this.#history.filter((one) => one.client_id !== id);
    for (const decision of [...gone].reverse()) {
      if (this.of(decision) !== decision) continue;
      if (decision.previous) this.#answers.set(askedKey(decision), decision.previous);
      else this.#drop(decision);
    }
    return gone;
  }

  /** Forget what followed from an answer that was changed, and follows no more; returns it. */
  unfollow(before, following) {
    const open = Object.keys(this.follows(before))
      .map((question) => ({ item: before.item, question }))
      .filter((one) => !(one.question in following) && this.of(one)?.implied);
    for (const one of open) this.#drop(one);
    return open;
  }

  #drop(asked) {
    this.#answers.delete(askedKey(asked));
    this.#order.delete(askedKey(asked));
  }
}
