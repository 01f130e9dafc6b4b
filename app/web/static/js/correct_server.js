/* The photos of a page as the server has them: each change is sent, and the page is read anew. */

import { coder, send, undo } from "./corrections.js";

const API = "/api/v1";

export class ServerPage {
  #asked = 0; // how often the numbers were asked for

  /** `state` is what the page of the page shows, see `app/web/page_correct.py`. */
  constructor(state) {
    this.state = state;
    this.blind = false;
  }

  add(box) {
    return this.#send("POST", `${API}/pages/${this.state.page}/photos`, { box });
  }

  change(photo, box) {
    return this.#send("PATCH", `${API}/photos/${photo.id}`, { box, seen: photo.box });
  }

  remove(photo) {
    return this.#send("PATCH", `${API}/photos/${photo.id}`, { photo: false, seen: photo.box });
  }

  split(photo, boxes) {
    return this.#send("PATCH", `${API}/photos/${photo.id}`, { split: boxes, seen: photo.box });
  }

  join([photo, ...others]) {
    return this.#send("PATCH", `${API}/photos/${photo.id}`, { join: others.map((one) => one.id), seen: photo.box });
  }

  /** Say something of the whole page: `checked`, `two_editions`, or what decides a dispute. */
  review(said) {
    return this.#send("POST", `${API}/pages/${this.state.page}/reviews`, said);
  }

  /** Undo an edit, the latest one by default; the event "undone" follows. */
  async undo(edit) {
    await (edit ? undo(edit) : undo());
    await this.refresh();
    return null;
  }

  /** Read the page as it is now. */
  async refresh() {
    const answer = await fetch(`${location.pathname}.json?mode=correct`);
    if (answer.ok) this.state = (await answer.json()).correcting;
    return this.state;
  }

  /** Give the numbers of photos, in words, to a function. They come later than what was changed, so
      that the next change need not wait for them; the latest ones are given alone. */
  async count(give) {
    const mine = ++this.#asked;
    const answer = await fetch(`${location.pathname}.json?mode=correct&part=counts`).catch(() => null);
    if (answer?.ok && mine === this.#asked) give((await answer.json()).counts);
  }

  async #send(method, address, body) {
    try {
      const answer = await send(method, address, { ...body, coder: coder() });
      return answer?.edit ?? null;
    } finally {
      await this.refresh().catch(() => null); // after a refusal too: what has changed meanwhile is seen
    }
  }
}
