/* Shows the photos that are corrected: on the scan, in the list, and in words; the focus stays. */

/** Fill in the {names} of a text. */
export const fill = (text, values) => text.replace(/\{(\w+)\}/g, (all, name) => values[name] ?? all);

/** "13 photos", in the language of the page. */
export const counted = (n, words) => (n === 1 ? words.one_photo : fill(words.photos, { n }));

export class View {
  #root;
  #stage;
  #words;
  #scene;
  #list;

  constructor(root, stage, words, scene, list) {
    [this.#root, this.#stage, this.#words, this.#scene, this.#list] = [root, stage, words, scene, list];
  }

  /** Draw what the page holds, and what is chosen and changed of it; see `correct_editor.js`. */
  draw(now) {
    const root = this.#root;
    const focus = this.#focused();
    const photos = now.photos.map((photo, i) => this.#named(photo, i, now));
    const shown = { ...now, photos, removed: now.showRemoved ? now.removed : [], title: counted(photos.length, this.#words) };
    this.#scene.draw(shown);
    this.#list.draw(shown);
    this.#refocus(focus, now.selected);
    const has = { photo: now.selected !== null, draft: now.draft !== null, split: now.draft?.kind === "split" };
    for (const button of root.querySelectorAll("[data-needs]")) {
      // A button that has the focus keeps it: one that is disabled would lose it.
      button.setAttribute("aria-disabled", String(!has[button.dataset.needs]));
    }
    const pressed = { draw: now.drawing, removed: now.showRemoved };
    for (const [name, is] of Object.entries(pressed)) root.querySelector(`[data-do=${name}]`)?.setAttribute("aria-pressed", String(is));
    root.querySelector(".told").textContent = this.#told(now);
  }

  #named(photo, i, { joined }) {
    const words = this.#words;
    const name = fill(words.photo, { n: i + 1 });
    const drawn = photo.coder ? fill(words.drawn_by, { name: photo.coder }) : words.by_hand;
    const origin = photo.by_hand ? drawn : words.by_machine;
    const label = [name, origin, joined.has(photo.id) ? words.to_be_joined : ""].filter(Boolean).join(", ");
    return { ...photo, name, origin, label };
  }

  #told({ selected, draft, drawing, side, step }) {
    const words = this.#words;
    if (draft?.kind === "split") return words.cutting;
    if (drawing) return words.drawing;
    if (selected === null && !draft) return words.choose_one;
    return fill(words.moving, { side: words.sides[side.join(" ")], step });
  }

  /* The place that has the focus is known by a name, and has it again when it is drawn anew. */
  #focused() {
    const key = document.activeElement?.dataset?.focus;
    if (!key) return null;
    const [kind] = key.split(" ");
    return { key, kind, index: this.#alike(kind).findIndex((one) => one.dataset.focus === key) };
  }

  #alike(kind) {
    return [...this.#root.querySelectorAll(`[data-focus^="${kind} "]`)];
  }

  #refocus(focus, selected) {
    if (!focus || document.activeElement?.dataset?.focus === focus.key) return;
    const all = this.#alike(focus.kind);
    const named = (key) => all.find((one) => one.dataset.focus === key);
    const again = named(focus.key) ?? named(`${focus.kind} ${selected}`) ?? all[Math.min(focus.index, all.length - 1)];
    (again ?? this.#stage).focus({ preventScroll: true });
  }
}
