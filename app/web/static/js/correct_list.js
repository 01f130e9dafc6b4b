/* The list beside the scan: each photo with what can be done to it, what was removed, what is disputed. */

function made(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  const { dataset = {}, ...rest } = attributes;
  Object.assign(element, rest);
  Object.assign(element.dataset, dataset);
  element.append(...children);
  return element;
}

export class PhotoList {
  #words;
  #on;
  #places;

  /** `on` has what is called: select, join, remove, split, back, decide. */
  constructor(words, on) {
    this.#words = words;
    this.#on = on;
    const place = (name) => document.querySelector(`#correct [data-place=${name}]`);
    this.#places = Object.fromEntries(["photos", "removed", "disputed", "said", "title", "counts"].map((name) => [name, place(name)]));
  }

  /** Draw what `correct.js` shows; see there. */
  draw(shown) {
    const { photos, removed, disputed } = shown;
    this.#places.title.textContent = shown.title;
    this.#places.counts.replaceChildren(...shown.counts.flatMap(({ what, number, how }) => [
      made("dt", {}, what),
      made("dd", {}, made("b", {}, number), " ", made("span", { className: "interval" }, how)),
    ]));
    this.#places.photos.replaceChildren(...photos.map((photo) => this.#photo(photo, shown)));
    this.#fill("removed", removed.map((one) => this.#removed(one)));
    this.#fill("disputed", disputed.map((one, i) => this.#disputed(one, i)));
    this.#places.said.replaceChildren(...shown.said.map((one) => this.#said(one)));
  }

  #fill(name, items) {
    this.#places[name].replaceChildren(...items);
    this.#places[name].closest("section").hidden = items.length === 0;
  }

  #photo(photo, { selected, joined }) {
    const box = made("input", { type: "checkbox", checked: joined.has(photo.id), dataset: { focus: `join ${photo.id}` } });
    box.addEventListener("change", () => this.#on.join(photo.id));
    const item = made("li", { className: photo.by_hand ? "hand" : "machine" });
    if (photo.id === selected) item.classList.add("marked");
    const name = made("h3", {}, made("label", {}, box, made("span", {}, photo.name)), " ", made("small", {}, photo.origin));
    const buttons = made("p", { className: "acts" },
      this.#button(this.#words.choose, `choose ${photo.id}`, photo.name, () => this.#on.select(photo.id)),
      this.#button(this.#words.no_photo, `none ${photo.id}`, photo.name, () => this.#on.remove(photo.id)),
      this.#button(this.#words.split, `split ${photo.id}`, photo.name, () => this.#on.split(photo.id)),
    );
    if (typeof photo.id === "number") {
      const picture = made("img", { loading: "lazy", alt: "", width: 160, height: 120, src: `/api/v1/photos/${photo.id}/image?width=160` });
      item.append(made("span", { className: "crop" }, picture));
    } else {
      item.append(made("span", { className: "crop blank" }));
    }
    item.append(made("div", {}, name, buttons));
    return item;
  }

  #removed(one) {
    const text = this.#words.removed_by.replace("{}", one.coder);
    return made("li", {}, text, " ", this.#button(this.#words.back, `back ${one.id}`, text, () => this.#on.back(one)));
  }

  #disputed(one, i) {
    const acts = one.said.map((said, k) => this.#button(`${this.#words.decide}: ${said.words}`, `decide ${i} ${k}`, "", () => this.#on.decide(one, said)));
    return made("li", {}, made("p", {}, one.said.map((said) => `${said.coder}: ${said.words}`).join("; ")), made("p", { className: "acts" }, ...acts));
  }

  #said({ text, edit }) {
    const line = made("p", { className: "notice" }, text);
    if (edit) line.append(" ", this.#button(this.#words.undo, `said ${edit}`, text, () => this.#on.back({ edit })));
    return line;
  }

  #button(text, focus, about, act) {
    const button = made("button", { type: "button", className: "small", dataset: { focus } }, text);
    if (about) button.append(made("span", { className: "visually-hidden" }, `: ${about}`));
    button.addEventListener("click", act);
    return button;
  }
}
