/* The picture that is looked at: the photo, its page with the photo marked, and parts enlarged.

   The pictures of all photos that are to come are fetched ahead, as far as there is room, and the
   next few are decoded, so that the next one is there at once. */

import { PictureQueue } from "./pictures.js";

const AHEAD = 8; // pictures that are decoded
const ROOM = 64 * 2 ** 20; // bytes of pictures that are fetched ahead
const AROUND = 3; // of a face's size, so that what it belongs to is seen too
const MOST = 6; // times the size that fits
const SVG = "http://www.w3.org/2000/svg";
const QUARTERS = [[0, 0, 0.5, 0.5], [0.5, 0, 1, 0.5], [0, 0.5, 0.5, 1], [0.5, 0.5, 1, 1]];

export class Stage {
  #place;
  #pictures = new Map(); // by address: picture, decoded or about to be
  #ahead = []; // the photos that are to come
  #queue;
  #words;
  #card = null;
  #face = -1; // the part that is enlarged; -1: none
  #page = false;
  #name;

  /** `name(card)`: what the picture is called for those who can't see it; `words`: of the desk. */
  constructor(place, name, words) {
    this.#place = place;
    this.#name = name;
    this.#words = words;
    this.#queue = new PictureQueue(ROOM, () => {
      this.#redraw();
      this.#decode();
    });
  }

  /** Whether the photo itself can be seen. */
  get seen() {
    const picture = this.#card && this.#pictures.get(this.#card.image);
    return Boolean(picture?.complete && picture.naturalWidth);
  }

  /** Show a photo. */
  show(card) {
    this.#card = card;
    this.#face = -1;
    this.#page = false;
    this.#order();
    this.#redraw();
  }

  /** Show nothing. */
  clear() {
    this.#card = null;
    this.#place.replaceChildren();
  }

  /** Fetch the pictures of the photos that are to come, in their order, and decode the next few. */
  fetchAhead(cards) {
    this.#ahead = cards.filter((card) => card.image);
    this.#order();
    this.#decode();
    const near = new Set(this.#ahead.slice(0, AHEAD).map((card) => card.image));
    for (const address of this.#pictures.keys()) {
      if (this.#pictures.size <= 2 * AHEAD) break;
      if (!near.has(address) && address !== this.#card?.image) this.#pictures.delete(address);
    }
  }

  #order() {
    const shown = this.#card?.image ? [this.#card] : [];
    this.#queue.order([...shown, ...this.#ahead].map((card) => card.image));
  }

  #decode() {
    for (const card of this.#ahead.slice(0, AHEAD)) this.#picture(card);
  }

  /** Show the whole page with the photo marked, or the photo again. */
  togglePage() {
    if (!this.#card?.page_image) return;
    this.#page = !this.#page;
    this.#face = -1;
    if (!this.#page) {
      this.#redraw();
      return;
    }
    const [width, height] = this.#card.page_size;
    const [x0, y0, x1, y1] = this.#card.box;
    const page = made(this.#card.page_image, this.#name(this.#card));
    const marks = document.createElementNS(SVG, "svg");
    marks.setAttribute("viewBox", `0 0 ${width} ${height}`);
    marks.setAttribute("aria-hidden", "true");
    const mark = document.createElementNS(SVG, "rect");
    const at = { x: x0, y: y0, width: x1 - x0, height: y1 - y0 };
    for (const [name, value] of Object.entries(at)) mark.setAttribute(name, value);
    marks.append(mark);
    this.#place.replaceChildren(page, marks);
  }

  /** Enlarge the next face, or the next quarter of a photo without one; after the last, none. */
  nextPart() {
    if (!this.#card) return;
    const faces = this.#card.faces.length > 0;
    const parts = faces ? this.#card.faces : QUARTERS;
    this.#face = this.#face + 1 < parts.length ? this.#face + 1 : -1;
    this.#page = false;
    if (this.#face < 0) this.#redraw();
    else this.#enlarge(parts[this.#face], faces ? AROUND : 1);
  }

  #enlarge([x0, y0, x1, y1], around) {
    const [left, top, right, bottom] = this.#card.box;
    const { clientWidth: wide, clientHeight: high } = this.#place;
    const picture = made(this.#card.large ?? this.#card.image, this.#name(this.#card));
    picture.className = "enlarged";
    const [across, down] = [right - left, bottom - top];
    const fits = Math.min(wide / across, high / down);
    const whole = Math.min(wide / (around * (x1 - x0) * across), high / (around * (y1 - y0) * down));
    const scale = Math.max(fits, Math.min(whole, MOST * fits));
    picture.style.width = `${scale * across}px`;
    picture.style.height = `${scale * down}px`;
    const x = within(wide, scale * across, (x0 + x1) / 2);
    const y = within(high, scale * down, (y0 + y1) / 2);
    picture.style.transform = `translate(${x}px, ${y}px)`;
    this.#place.replaceChildren(picture);
  }

  /** Show the photo, or in words why it isn't here yet. */
  #redraw() {
    if (!this.#card || this.#page || this.#face >= 0) return;
    const picture = this.#picture(this.#card);
    if (picture && !picture.isConnected) this.#place.replaceChildren(picture);
    if (!picture) this.#tellMissing();
  }

  #tellMissing() {
    const { fetching, noPicture, failing, askAgain } = this.#words;
    const address = this.#card.image;
    const isGone = !address || this.#queue.isGone(address);
    const isFailing = !isGone && this.#queue.isFailing(address);
    const text = isGone ? noPicture : isFailing ? failing : fetching;
    if (this.#place.querySelector(".missing")?.dataset.text === text) return; // a button has the focus perhaps
    const told = document.createElement("p");
    told.className = "loading missing quiet";
    told.dataset.text = text;
    told.textContent = `${text} `;
    if (isFailing) {
      const again = document.createElement("button");
      again.type = "button";
      again.textContent = askAgain;
      again.addEventListener("click", () => this.#queue.askNow());
      told.append(again);
    }
    this.#place.replaceChildren(told);
  }

  /** The picture of a photo, if it was fetched. */
  #picture(card) {
    const address = card.image;
    if (address && !this.#pictures.has(address)) {
      const source = this.#queue.source(address);
      if (source) this.#pictures.set(address, made(source, this.#name(card)));
    }
    return this.#pictures.get(address);
  }
}

/** Where a picture begins that is to show one of its places, 0 to 1, in the middle of a room. */
function within(room, size, place) {
  if (size <= room) return (room - size) / 2;
  return Math.min(0, Math.max(room - size, room / 2 - size * place));
}

function made(source, alt) {
  const picture = new Image();
  picture.alt = alt;
  picture.draggable = false;
  picture.src = source;
  picture.decode().catch(() => {}); // an event says so, too
  return picture;
}
