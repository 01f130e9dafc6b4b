/* Keys without modifiers: one key, or two in a row; silent while somebody types.

   Each key has a description, which the dialog under "?" lists. */

const PATIENCE = 1000; // milliseconds between the two keys of a sequence
const SIGNS = { ArrowLeft: "←", ArrowRight: "→", ArrowUp: "↑", ArrowDown: "↓" };

export class Keyboard {
  #actions = new Map();
  #first = "";
  #since = 0;

  constructor(target = document) {
    target.addEventListener("keydown", (event) => this.#press(event));
  }

  /** Do something on a key ("j", "?", "ArrowLeft") or a sequence ("g t"). A clash is an error. */
  on(keys, description, action) {
    if (this.#actions.has(keys)) throw new Error(`the key ${keys} is taken`);
    this.#actions.set(keys, { description, action });
    return this;
  }

  /** Let a key do nothing any more. */
  off(keys) {
    this.#actions.delete(keys);
  }

  /** What a key does already, alone or as the first of two; undefined if nothing. */
  meaning(key) {
    const taken = [...this.#actions].find(([keys]) => keys === key || keys.startsWith(`${key} `));
    return taken?.[1].description;
  }

  /** The keys and what they do, in the order in which they were added. */
  get entries() {
    return [...this.#actions].map(([keys, { description }]) => ({ keys, description }));
  }

  #press(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
    const now = performance.now();
    const key = keyOf(event);
    const sequence = now - this.#since < PATIENCE ? `${this.#first} ${key}` : "";
    const found = this.#actions.get(sequence) ?? this.#actions.get(key);
    this.#first = key;
    this.#since = now;
    if (!found) return;
    this.#first = "";
    if (found.action(event) !== false) event.preventDefault();
  }
}

/** The name of a key: the letter on it, also under another script's layout or with caps lock. */
export function keyOf(event) {
  if (event.key === " ") return event.target?.closest?.("button, summary, a, input") ? "" : "Space";
  const letter = /^Key([A-Z])$/.exec(event.code)?.[1];
  if (letter && (/[^\x00-\x7f]/.test(event.key) || event.key === "Process")) return event.shiftKey ? letter : letter.toLowerCase();
  return /^[A-Z]$/.test(event.key) && !event.shiftKey ? event.key.toLowerCase() : event.key;
}

/** Whether keys go into a field, or into something that has keys of its own. */
export function isTyping(element) {
  return Boolean(element?.closest?.("input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable], [data-own-keys]"));
}

export const keyboard = new Keyboard();

/** Show the keys of this page; the focus goes back to where it was when the dialog closes. */
export function showKeys() {
  const template = document.querySelector("#keys-dialog");
  if (!template || document.querySelector("dialog[open]")) return;
  const before = document.activeElement;
  const dialog = template.content.firstElementChild.cloneNode(true);
  const list = dialog.querySelector("dl");
  for (const { keys, description } of keyboard.entries) {
    const term = document.createElement("dt");
    for (const key of keys.split(" ")) {
      const cap = document.createElement("kbd");
      cap.textContent = SIGNS[key] ?? key;
      term.append(cap, " ");
    }
    const meaning = document.createElement("dd");
    meaning.textContent = description;
    list.append(term, meaning);
  }
  const swipes = document.querySelector("[data-swipes]")?.dataset.swipes;
  if (swipes) list.after(Object.assign(document.createElement("p"), { textContent: swipes }));
  dialog.addEventListener("close", () => {
    dialog.remove();
    before?.focus?.();
  });
  document.body.append(dialog);
  dialog.showModal();
}
