/* The search of the header: what is found while somebody types, as a list below the field.

   Without a script the form leads to the page of all that is found. */

import { keyboard } from "./keyboard.js";

const PAUSE = 120; // milliseconds after a key before the server is asked
const MOST = 4; // hits of each kind

const make = (name, properties = {}, ...children) => {
  const element = Object.assign(document.createElement(name), properties);
  element.append(...children);
  return element;
};

/** One hit: a line of the list, which leads to its page. */
function option({ title, detail, picture, address }, id) {
  const line = make("div", { id }, make("span", { textContent: title, dir: "auto" }));
  line.setAttribute("role", "option");
  line.setAttribute("aria-selected", "false");
  line.dataset.address = address;
  if (picture) line.prepend(make("img", { src: picture, alt: "", width: 42, height: 42 }));
  if (detail) line.append(make("small", { textContent: detail }));
  return line;
}

/** All hits of one kind, below its name. */
function group({ kind, name, hits }) {
  const heading = make("div", { className: "kind", id: `find-${kind}`, textContent: name });
  const part = make("div", {}, heading, ...hits.map((hit, i) => option(hit, `find-${kind}-${i}`)));
  part.setAttribute("role", "group");
  part.setAttribute("aria-labelledby", heading.id);
  return part;
}

class Search {
  #form;
  #field;
  #list = make("div", { id: "find-list", hidden: true });
  #status;
  #waiting = 0;
  #asked = new AbortController();

  constructor(form) {
    this.#form = form;
    this.#field = form.querySelector("input");
    this.#status = form.querySelector("[role=status]");
    this.#list.setAttribute("role", "listbox");
    this.#list.setAttribute("aria-label", form.dataset.found);
    form.append(this.#list);
    const states = { role: "combobox", "aria-expanded": "false", "aria-controls": this.#list.id, "aria-autocomplete": "list" };
    for (const [name, value] of Object.entries(states)) this.#field.setAttribute(name, value);
    this.#field.addEventListener("input", () => this.#wait());
    this.#field.addEventListener("keydown", (event) => this.#press(event));
    form.addEventListener("focusout", ({ relatedTarget }) => {
      if (!form.contains(relatedTarget)) this.#close();
    });
    this.#list.addEventListener("pointerdown", (event) => event.preventDefault()); // the field keeps the focus
    this.#list.addEventListener("click", ({ target }) => this.#follow(target.closest("[role=option]")));
  }

  /** Show the field where it is folded, and go there. */
  open() {
    document.querySelector(".top").classList.add("finding");
    this.#field.focus();
    this.#field.select();
  }

  get #options() {
    return [...this.#list.querySelectorAll("[role=option]")];
  }

  get #chosen() {
    return this.#list.querySelector("[aria-selected=true]");
  }

  #wait() {
    clearTimeout(this.#waiting);
    this.#asked.abort();
    const text = this.#field.value.trim();
    if (!text) return this.#close();
    this.#waiting = setTimeout(() => this.#ask(text), PAUSE);
  }

  async #ask(text) {
    this.#asked = new AbortController();
    const query = new URLSearchParams({ q: text, most: MOST, lang: document.documentElement.lang });
    try {
      const answer = await fetch(`/search.json?${query}`, { signal: this.#asked.signal });
      if (answer.ok) this.#show((await answer.json()).groups);
    } catch {
      // Another letter was typed, or the server can't be reached: Enter still leads to the page.
    }
  }

  #show(groups) {
    this.#list.replaceChildren(...groups.map(group));
    const { none, some } = this.#form.dataset;
    const n = this.#options.length;
    this.#status.textContent = n ? some.replace("{n}", n) : none;
    this.#list.hidden = !n;
    this.#field.setAttribute("aria-expanded", String(Boolean(n)));
    this.#field.removeAttribute("aria-activedescendant");
  }

  #close() {
    clearTimeout(this.#waiting);
    this.#list.hidden = true;
    this.#list.replaceChildren();
    this.#status.textContent = "";
    this.#field.setAttribute("aria-expanded", "false");
    this.#field.removeAttribute("aria-activedescendant");
  }

  #press(event) {
    if (event.isComposing) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") this.#move(event.key === "ArrowDown" ? 1 : -1);
    else if (event.key === "Enter" && this.#chosen) this.#follow(this.#chosen);
    else if (event.key === "Escape" && !this.#list.hidden) this.#close();
    else if (event.key === "Escape") this.#leave();
    else return;
    event.preventDefault();
  }

  #move(steps) {
    const options = this.#options;
    if (!options.length) return;
    const before = options.indexOf(this.#chosen);
    const next = before < 0 && steps < 0 ? options.at(-1) : options[(before + steps + options.length) % options.length];
    for (const one of options) one.setAttribute("aria-selected", String(one === next));
    this.#field.setAttribute("aria-activedescendant", next.id);
    next.scrollIntoView({ block: "nearest" });
  }

  #follow(line) {
    if (line) location.assign(line.dataset.address);
  }

  /** Empty the field; where it is folded, fold it and return to what had opened it. */
  #leave() {
    this.#field.value = "";
    document.querySelector(".top").classList.remove("finding");
    const opener = document.querySelector(".find-open");
    if (opener.checkVisibility()) opener.focus();
    else this.#field.blur();
  }
}

/** Search as somebody types into the form; "/" leads there. */
export function startSearch(form) {
  const search = new Search(form);
  keyboard.on("/", form.dataset.name, () => search.open());
  document.querySelector(".find-open").addEventListener("click", (event) => {
    event.preventDefault();
    search.open();
  });
}
