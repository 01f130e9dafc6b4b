/* The decisions of a coder that no server has stored yet: kept on this device until one has.

   Each is written to the device before the next photo is shown, under a number that grows, and has
   an id of its own: sent twice, it is stored once. */

const ROOT = "presslens.review";
const DIGITS = 9;

/** An id that no other device gives. */
export function newId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

export class Journal {
  #prefix;

  /** Of one sample and one coder; "adjudicate" apart from "code". */
  constructor(sample, coder, mode) {
    this.#prefix = `${ROOT}.${sample}.${mode}.${coder}.`;
  }

  /** The keys of what waits, the earliest first. */
  keys() {
    const found = [];
    for (let i = 0; i < localStorage.length; i += 1) {
      const key = localStorage.key(i);
      if (key.startsWith(this.#prefix)) found.push(key);
    }
    return found.sort();
  }

  /** What waits, the earliest first: [key, entry]. */
  entries() {
    return this.keys().flatMap((key) => {
      const text = localStorage.getItem(key);
      return text === null ? [] : [[key, JSON.parse(text)]];
    });
  }

  /** Keep an answer, or that one is taken back. Throws if the device has no room. */
  add(entry) {
    const last = this.keys().at(-1)?.slice(this.#prefix.length) ?? "0";
    const number = String(Number.parseInt(last, 10) + 1).padStart(DIGITS, "0");
    // The end keeps two tabs apart that have counted alike.
    localStorage.setItem(`${this.#prefix}${number}-${newId().slice(0, 8)}`, JSON.stringify(entry));
  }

  /** Forget what is stored elsewhere by now. */
  drop(key) {
    localStorage.removeItem(key);
  }
}

/** Values that a desk keeps for itself on this device, its keys for instance. */
export class Kept {
  #key;

  constructor(name) {
    this.#key = `${ROOT}-${name}`;
  }

  get(otherwise) {
    return JSON.parse(localStorage.getItem(this.#key) ?? "null") ?? otherwise;
  }

  set(value) {
    localStorage.setItem(this.#key, JSON.stringify(value));
  }

  clear() {
    localStorage.removeItem(this.#key);
  }
}
