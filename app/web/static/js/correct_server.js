/* The photos of a page as the server has them, and as they will be once all that waits is stored.

   Each change is an entry of the journal of this browser, which stores it in its turn; the page is
   read anew then. */

import { undo } from "./corrections.js";
import { journal, outbox, redo, submit, undoLatest } from "./journal_sender.js";
import { around } from "./page_geometry.js";

const API = "/api/v1";

export class ServerPage {
  #asked = 0; // how often the page was read
  #counted = 0; // how often the numbers were asked for
  #stored; // the page as the server has it

  /** `state` is what the page of the page shows, see `app/web/page_correct.py`. */
  constructor(state) {
    this.#stored = state;
    this.about = `page ${state.page}`;
    this.blind = false;
    this.#show();
    for (const kind of ["added", "stored", "refused"]) {
      outbox.addEventListener(kind, ({ detail }) => (detail.entry.about === this.about ? this.#hear(kind, detail) : null));
    }
  }

  /** It is called when the photos are others; `kind`: what became of an entry of this page or another one. */
  changed(kind) {}

  add(box, text) {
    return this.#submit(text, `pages/${this.state.page}/photos`, { box });
  }

  change(photo, box, text) {
    return this.#patch(text, [photo], { box });
  }

  remove(photo, text) {
    return this.#patch(text, [photo], { photo: false });
  }

  split(photo, boxes, text) {
    return this.#patch(text, [photo], { split: boxes });
  }

  join(photos, text) {
    return this.#patch(text, photos, { join: photos.slice(1).map((one) => one.id) });
  }

  /** Say something of the whole page: `checked`, `two_editions`, or what decides a dispute. */
  review(said, text) {
    return this.#submit(text, `pages/${this.state.page}/reviews`, said);
  }

  /** Undo an edit, the latest one by default; the event "undone" follows. */
  async undo(edit) {
    await (edit ? undo(edit) : undoLatest());
    await this.refresh();
    return null;
  }

  /** Do again what was undone last. */
  redo() {
    return redo();
  }

  /** Read the page as it is now. */
  async refresh() {
    const mine = ++this.#asked;
    const answer = await fetch(`${location.pathname}.json?mode=correct`);
    const told = answer.ok ? (await answer.json()).correcting : null;
    if (told && mine === this.#asked) this.#stored = told;
    this.#show();
    return this.state;
  }

  /** Give the numbers of photos, in words, to a function. They come later than what was changed, so
      that the next change need not wait for them; the latest ones are given alone. */
  async count(give) {
    const mine = ++this.#counted;
    const answer = await fetch(`${location.pathname}.json?mode=correct&part=counts`).catch(() => null);
    if (answer?.ok && mine === this.#counted) give((await answer.json()).counts);
  }

  #patch(text, photos, change) {
    const meant = photos.map(({ id, box }) => ({ id, box }));
    return this.#submit(text, `photos/${photos[0].id}`, { ...change, seen: photos[0].box }, { method: "PATCH", photos: meant });
  }

  async #submit(text, address, body, more = {}) {
    const answer = await submit({ address: `${API}/${address}`, body, about: this.about, page: this.state.page, text, ...more });
    return answer?.edit ?? null;
  }

  async #hear(kind, { entry, result }) {
    if (kind === "stored" && result?.made) {
      const known = new Map(this.#stored.photos.map((photo) => [photo.id, photo]));
      this.#stored = { ...this.#stored, photos: result.photos.map((photo) => known.get(photo.id) ?? { coder: entry.coder, ...photo }) };
    }
    this.#show();
    this.changed("added");
    if (kind === "added") return;
    await this.refresh().catch(() => null); // after a refusal too: what has changed meanwhile is seen
    this.changed(kind);
  }

  /** Show the page as it will be; a photo has no id before it is stored, and is a waiting box. */
  #show() {
    let { photos } = this.#stored;
    const waiting = [];
    for (const [, entry] of journal.entries()) {
      const { box, split, join } = entry.body;
      if (entry.about !== this.about || entry.withdrawn || entry.body.marks) continue;
      const ids = (entry.photos ?? []).map((photo) => photo.id);
      if (entry.photos && box) photos = photos.map((photo) => (photo.id === ids[0] ? { ...photo, box } : photo));
      else photos = photos.filter((photo) => !ids.includes(photo.id));
      if (split) waiting.push(...split);
      else if (join) waiting.push(around(entry.photos.map((photo) => photo.box)));
      else if (box && !entry.photos) waiting.push(box);
    }
    this.state = { ...this.#stored, photos, waiting };
  }
}
