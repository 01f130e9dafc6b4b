/* The journal of this browser: answers and corrections that no server has stored yet.

   One for all pages, tabs and samples. Each entry is written to the device before the next photo is
   shown, under a number that grows, and has an id of its own: sent twice, it is stored once. What
   the server has refused stays in a second list, with the reason, until somebody has seen to it.

   An entry: {id, coder, tab, about, text, href, address, body}, of a request with its `method`, of a
   desk with its `desk` and `decision`. */

const WAITING = "presslens.journal.";
const REFUSED = "presslens.refused.";
const BEFORE = /^presslens\.review\.(\d+)\.(code|adjudicate)\.(.*)\.(\d{9}-[0-9a-f]{8})$/;
const DIGITS = 12;

/** An id that no other device gives. */
export function newId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** What is written under keys that begin so, the earliest first: [key, entry]. */
function read(prefix) {
  const keys = Object.keys(localStorage).filter((key) => key.startsWith(prefix));
  return keys.sort().flatMap((key) => {
    const text = localStorage.getItem(key);
    return text === null ? [] : [[key, JSON.parse(text)]];
  });
}

export class Journal {
  #wanted;

  /** Of the entries for which `wanted(entry)` holds. */
  constructor(wanted) {
    this.#wanted = wanted;
  }

  /** What waits, the earliest first: [key, entry]. */
  entries() {
    return read(WAITING).filter(([, entry]) => this.#wanted(entry));
  }

  /** What the server has refused, with the `reason`, the earliest first: [key, entry]. */
  refused() {
    return read(REFUSED).filter(([, entry]) => this.#wanted(entry));
  }

  /** An entry as it is by now; null without one. */
  get(key) {
    return JSON.parse(localStorage.getItem(key) ?? "null");
  }

  /** Write an entry. Throws if the device has no room. */
  add(entry) {
    const keys = Object.keys(localStorage).filter((key) => key.startsWith(WAITING));
    const last = keys.sort().at(-1)?.slice(WAITING.length) ?? "0";
    const number = String(Number.parseInt(last, 10) + 1).padStart(DIGITS, "0");
    // The end keeps two tabs apart that have counted alike.
    localStorage.setItem(`${WAITING}${number}-${newId().slice(0, 8)}`, JSON.stringify(entry));
  }

  /** Write some values into an entry that waits; nothing if it waits no more. */
  mark(key, values) {
    const entry = this.get(key);
    if (entry) localStorage.setItem(key, JSON.stringify({ ...entry, ...values }));
  }

  /** Remove an entry. */
  drop(key) {
    localStorage.removeItem(key);
  }

  /** Put an entry among the refused ones; returns its key there. */
  refuse(key, reason) {
    const refused = REFUSED + key.slice(WAITING.length);
    localStorage.setItem(refused, JSON.stringify({ ...this.get(key), reason }));
    this.drop(key);
    return refused;
  }

  /** Let a refused entry wait again, under a new id: the old one may be spent. */
  retry(key) {
    const { reason, tried, ...entry } = this.get(key);
    this.add(entry.desk ? entry : { ...entry, id: newId() });
    this.drop(key);
  }

  /** Forget refused entries for which `isSettled(entry)` holds. */
  forget(isSettled) {
    for (const [key, entry] of this.refused()) if (isSettled(entry)) this.drop(key);
  }

  /** Take over what a desk of an earlier version has left: `convert(parts, decision)` makes an entry. */
  adopt(convert) {
    for (const key of Object.keys(localStorage).sort()) {
      const parts = BEFORE.exec(key);
      if (!parts) continue;
      this.add(convert(parts.slice(1), this.get(key)));
      this.drop(key);
    }
  }
}
