/* Values that a desk keeps for itself on this device, its keys for instance. */

export class Kept {
  #key;

  constructor(name) {
    this.#key = `presslens.review-${name}`;
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
