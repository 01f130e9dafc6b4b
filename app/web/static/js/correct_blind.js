/* The photos of a drawn page as one coder sees them: the machine's, until the coder says otherwise.

   Nothing is sent before the page is said to be checked, so that nobody's work is seen or disturbed.
   Until then the work is kept in this tab, step by step. */

import { undo } from "./corrections.js";
import { journal, redo, submit, undoLatest } from "./journal_sender.js";
import { around, extent, same } from "./page_geometry.js";

const MOST = 100; // steps that can be undone

export class BlindPage {
  #key;
  #steps;
  #undone = []; // steps that were undone, the latest last

  /** `state` has the machine's photos alone. */
  constructor(state, sample) {
    this.blind = true;
    this.machine = state.photos;
    this.state = state;
    this.#key = `blind ${sample} ${state.page}`;
    this.#steps = JSON.parse(sessionStorage.getItem(this.#key) ?? "[]");
    this.#show();
  }

  add(box) {
    return this.#step([...this.#photos(), this.#drawn(box, null)]);
  }

  change(photo, box) {
    return this.#replace([photo], [this.#drawn(box, photo.source)]);
  }

  remove(photo) {
    return this.#replace([photo], []);
  }

  split(photo, boxes) {
    return this.#replace([photo], boxes.map((box) => this.#drawn(box, photo.source)));
  }

  join(photos) {
    const source = photos.find((photo) => photo.source !== null)?.source ?? null;
    return this.#replace(photos, [this.#drawn(around(photos.map((photo) => photo.box)), source)]);
  }

  /** Send all that the coder says of the page, as one review. */
  async review(said, text) {
    const marks = said.two_editions ? [] : this.marks();
    const { page } = this.state;
    const body = { ...said, marks, blind: true };
    const answer = await submit({ address: `/api/v1/pages/${page}/reviews`, body, about: `page ${page}`, text });
    return answer?.edit ?? null;
  }

  /** Whether what was said of the page waits to be stored. */
  get isSent() {
    return journal.entries().some(([, entry]) => entry.about === `page ${this.state.page}` && entry.body.blind && !entry.withdrawn);
  }

  /** Undo the latest step; where there is none, the latest edit. */
  async undo(edit) {
    if (edit || !this.#steps.length) return edit ? undo(edit) : undoLatest();
    this.#undone.push(this.#steps.pop());
    this.#keep();
    return null;
  }

  /** Do again the step that was undone last; where there is none, the edit. */
  async redo() {
    const step = this.#undone.pop();
    if (!step) return redo();
    this.#steps.push(step);
    this.#keep();
    return null;
  }

  async refresh() {
    return this.state;
  }

  async count() {} // the numbers would tell what others have said

  /** Whether the photos are as the machine has found them. */
  get asFound() {
    return this.marks().length === 0;
  }

  /** The marks of a review that make of the machine's photos what is shown; boxes are in shares. */
  marks() {
    const shares = (box) => box.map((side, i) => Math.min(1, Math.max(0, side / (i % 2 ? this.state.height : this.state.width))));
    const shown = this.#photos();
    const found = this.machine.flatMap((photo) => {
      const boxes = shown.filter((one) => one.source === photo.id).map((one) => one.box);
      if (boxes.length === 1 && same(boxes[0], photo.box)) return [];
      return [{ photo: photo.id, photos: boxes.length, boxes: boxes.map(shares) }];
    });
    const missed = shown.filter((one) => one.source === null);
    return [...found, ...missed.map((one) => ({ box: shares(one.box), photos: 1, boxes: [shares(one.box)] }))];
  }

  #photos() {
    return this.#steps.at(-1) ?? this.machine.map((photo) => ({ ...photo, source: photo.id }));
  }

  #drawn(box, source) {
    return { id: `drawn ${extent(box).map(Math.round).join(" ")}`, box, by_hand: true, source };
  }

  #replace(gone, come) {
    const ids = gone.map((photo) => photo.id);
    return this.#step([...this.#photos().filter((photo) => !ids.includes(photo.id)), ...come]);
  }

  async #step(photos) {
    this.#steps = [...this.#steps, photos].slice(-MOST);
    this.#undone = [];
    this.#keep();
    return null;
  }

  #keep() {
    sessionStorage.setItem(this.#key, JSON.stringify(this.#steps));
    this.#show();
  }

  #show() {
    this.state = { ...this.state, photos: this.#photos() };
  }
}
