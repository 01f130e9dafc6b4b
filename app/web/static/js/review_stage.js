/* The picture that is looked at: the photo, its page with the photo marked, and parts enlarged.

   Pictures of the next photos are fetched and decoded ahead, so that the next one is there at once. */

const AHEAD = 8;
const AGAIN_MS = 700;
const AROUND = 3; // of a face's size, so that what it belongs to is seen too
const MOST = 6; // times the size that fits
const SVG = "http://www.w3.org/2000/svg";
const QUARTERS = [[0, 0, 0.5, 0.5], [0.5, 0, 1, 0.5], [0, 0.5, 0.5, 1], [0.5, 0.5, 1, 1]];

export class Stage {
  #place;
  #pictures = new Map(); // item: picture, decoded or on its way
  #card = null;
  #face = -1; // the part that is enlarged; -1: none
  #page = false;
  #name;

  /** `name(card)`: what the picture is called for those who can't see it. */
  constructor(place, name) {
    this.#place = place;
    this.#name = name;
  }

  /** Whether the photo itself can be seen. */
  get seen() {
    const picture = this.#card && this.#pictures.get(this.#card.item);
    return Boolean(picture?.complete && picture.naturalWidth);
  }

  /** Show a photo. */
  show(card) {
    this.#card = card;
    this.#face = -1;
    this.#page = false;
    this.#draw(this.#picture(card));
  }

  /** Show nothing. */
  clear() {
    this.#card = null;
    this.#place.replaceChildren();
  }

  /** Fetch the pictures of the next photos, and forget those of photos long gone. */
  fetchAhead(cards) {
    const wanted = cards.slice(0, AHEAD);
    for (const card of wanted) this.#picture(card);
    const near = new Set(wanted.map((card) => card.item));
    for (const item of this.#pictures.keys()) {
      if (this.#pictures.size <= 4 * AHEAD) break;
      if (!near.has(item) && item !== this.#card?.item) this.#pictures.delete(item);
    }
  }

  /** Show the whole page with the photo marked, or the photo again. */
  togglePage() {
    if (!this.#card?.page_image) return;
    this.#page = !this.#page;
    this.#face = -1;
    if (!this.#page) {
      this.#draw(this.#picture(this.#card));
      return;
    }
    const [width, height] = this.#card.page_size;
    const [x0, y0, x1, y1] = this.#card.box;
    const page = loaded(this.#card.page_image, this.#name(this.#card));
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
    if (this.#face < 0) this.#draw(this.#picture(this.#card));
    else this.#enlarge(parts[this.#face], faces ? AROUND : 1);
  }

  #enlarge([x0, y0, x1, y1], around) {
    const [left, top, right, bottom] = this.#card.box;
    const { clientWidth: wide, clientHeight: high } = this.#place;
    const picture = loaded(this.#card.large ?? this.#card.image, this.#name(this.#card));
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

  #draw(picture) {
    this.#place.replaceChildren(picture);
  }

  #picture(card) {
    let picture = this.#pictures.get(card.item);
    if (!picture) {
      picture = loaded(card.image, this.#name(card));
      this.#pictures.set(card.item, picture);
    }
    return picture;
  }
}

/** Where a picture begins that is to show one of its places, 0 to 1, in the middle of a room. */
function within(room, size, place) {
  if (size <= room) return (room - size) / 2;
  return Math.min(0, Math.max(room - size, room / 2 - size * place));
}

/** A picture that is fetched again until it is there. */
function loaded(address, alt) {
  const picture = new Image();
  picture.alt = alt;
  picture.draggable = false;
  picture.addEventListener("error", () => setTimeout(() => (picture.src = address), AGAIN_MS));
  picture.src = address;
  picture.decode().catch(() => {}); // the event says so, too
  return picture;
}
