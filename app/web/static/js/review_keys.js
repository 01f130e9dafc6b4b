/* The keys of the desk: shown on each button, and changed by the coder on this device. */

import { keyboard, keyOf } from "./keyboard.js";
import { filled } from "./review_interval.js";
import { Kept } from "./review_kept.js";

const DEFAULTS = {
  yes: "y", no: "n", cant_tell: "u", leader: "1", facility: "2", neither: "3", unsure: "4",
  undo: "z", redo: "Z", before: ",", after: ".", skip: "s", page: "Space", faces: "f", note: "w", others: "a",
  talk: "t", book: "b", surround: "x", darker: "[", brighter: "]",
  save: "d", keys: "k",
};

export class DeskKeys {
  #kept = new Kept("keys");
  #desk;
  #actions;
  #words;

  /** `actions`: what each button does, by its name; those without a button have no key. */
  constructor(desk, actions) {
    this.#desk = desk;
    this.#words = desk.dataset;
    this.#actions = Object.fromEntries(Object.entries(actions).filter(([name]) => this.#button(name)));
    for (const [name, action] of Object.entries(this.#actions)) {
      this.#button(name).addEventListener("click", () => action());
    }
    this.#bind(this.#chosen());
  }

  #button(name) {
    return this.#desk.querySelector(`[data-do="${name}"]`);
  }

  #chosen() {
    return { ...DEFAULTS, ...this.#kept.get({}) };
  }

  #bind(chosen) {
    for (const [name, action] of Object.entries(this.#actions)) {
      const button = this.#button(name);
      keyboard.on(chosen[name], button.dataset.text, (event) => (event.repeat ? undefined : action()));
      button.setAttribute("aria-keyshortcuts", chosen[name]);
      const cap = button.querySelector("kbd");
      cap.textContent = chosen[name];
    }
  }

  #change(chosen) {
    const before = this.#chosen();
    for (const name of Object.keys(this.#actions)) keyboard.off(before[name]);
    this.#kept.set(chosen);
    this.#bind(this.#chosen());
  }

  /** Let the coder choose other keys; one that does something already is refused. */
  remap() {
    const dialog = document.querySelector("#remap-dialog").content.firstElementChild.cloneNode(true);
    dialog.dataset.ownKeys = "";
    const say = (text) => (dialog.querySelector(".say").textContent = text);
    let name = null;
    const list = () => dialog.querySelector("ul").replaceChildren(...Object.keys(this.#actions).map((one) => this.#row(one, () => {
      name = one;
      say(filled(this.#words.press, { what: this.#button(one).dataset.text }));
    })));
    dialog.addEventListener("keydown", (event) => {
      // What is pressed here must not reach the desk, also once its button is drawn anew.
      event.stopPropagation();
      const key = keyOf({ key: event.key, code: event.code, shiftKey: event.shiftKey });
      if (name === null || ["Tab", "Escape", "Enter", "Shift"].includes(key)) return;
      event.preventDefault();
      const chosen = this.#chosen();
      const meaning = keyboard.meaning(key);
      if (meaning !== undefined && chosen[name] !== key) {
        say(filled(this.#words.taken, { what: meaning }));
        return;
      }
      this.#change({ ...this.#kept.get({}), [name]: key });
      say("");
      list();
      dialog.querySelector(`[data-key="${name}"]`).focus();
      name = null;
    });
    dialog.querySelector("[data-reset]").addEventListener("click", () => {
      this.#change({});
      list();
    });
    dialog.addEventListener("close", () => dialog.remove());
    list();
    document.body.append(dialog);
    dialog.showModal();
  }

  #row(name, choose) {
    const row = document.createElement("li");
    row.append(this.#button(name).dataset.text);
    const button = document.createElement("button");
    button.type = "button";
    button.dataset.key = name;
    const cap = document.createElement("kbd");
    cap.textContent = this.#chosen()[name];
    button.append(cap);
    button.setAttribute("aria-label", `${this.#button(name).dataset.text}: ${cap.textContent}`);
    button.addEventListener("click", choose);
    row.append(button);
    return row;
  }
}
