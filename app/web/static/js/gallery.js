/* The gallery: all photos in rows of the page's width, of which only those near the view exist.

   How many there are and how wide each is comes first, so that the page has its height before a
   picture is loaded. Without this module the list is read in parts of sixty. */

import { dateFormat } from "./dates.js";
import { keyboard } from "./keyboard.js";
import { Rows, Scale, decodeShapes, monthStarts } from "./gallery_layout.js";

const GAP = 6;
const HEADING = 52;
const NARROW = 640; // pixels below which rows are lower
const LOWEST = 120; // pixels of a row there: what is narrower has no room for its day
const BEYOND = 1; // screens above and below the view that exist
const WIDTHS = [160, 320, 640, 1280]; // of pictures, as the server keeps them
const MOST_LOADED = 24; // buckets of words and addresses that are kept
const SETTLED = 120; // milliseconds without movement until the view has come to rest
const LEFT = 600; // and until the address says where that is: writing it is slow

export class Gallery {
  #grid;
  #scale;
  #rows;
  #drawn = new Map(); // rows that exist
  #loaded = new Map(); // tiles by key of their bucket, the latest last
  #loading = new Map();
  #timer = 0;
  #address = 0;
  #drawnOffset = 0;
  #drawnHeadings = "";
  #frame = 0;
  #focused = -1;
  #back = null;
  #placed = 0;
  #given = new Map();

  constructor(grid) {
    this.#grid = grid;
    this.month = dateFormat({ month: "long", year: "numeric" });
  }

  /** Read how many photos there are, lay them out, and take the place of the list. */
  async start() {
    const answer = await fetch(this.#grid.dataset.buckets);
    if (!answer.ok) throw new Error(`buckets: ${answer.status}`);
    const told = await answer.json();
    this.version = told.version;
    this.buckets = told.buckets;
    this.firsts = told.buckets.map((bucket) => bucket.first);
    this.count = told.photos;
    this.shapes = decodeShapes(told.buckets, told.aspect);
    this.months = monthStarts(told.buckets);
    if (this.count === 0) return;
    const first = Math.min(Number(this.#grid.dataset.start), this.count - 1);
    // Pictures that are there already stay, and are not painted again.
    this.#given = new Map([...this.#grid.querySelectorAll(".tile")].map((tile, i) => [first + i, [...tile.parentElement.children]]));
    const focused = this.#grid.contains(document.activeElement) ? document.activeElement : null;
    this.#build();
    await this.#arrange(first);
    this.#listen();
    if (focused?.isConnected) focused.focus({ preventScroll: true });
  }

  #build() {
    const list = document.createElement("div");
    list.className = "items";
    list.setAttribute("role", "list");
    list.setAttribute("aria-label", this.#grid.dataset.label);
    const headings = document.createElement("div");
    headings.className = "months";
    this.list = list;
    this.headings = headings;
    this.#grid.replaceChildren(headings, list);
    this.#grid.classList.add("rolling");
    const paging = document.querySelector(".paging");
    if (paging) paging.hidden = true;
  }

  async #arrange(photo) {
    const width = this.#grid.clientWidth;
    const high = Number(this.#grid.dataset.height);
    const height = width < NARROW ? Math.max(Math.round(high * 0.64), LOWEST) : high;
    const rows = new Rows(this.shapes, this.months, { width, height, gap: GAP, heading: HEADING, note: this.#note });
    await rows.arrange();
    this.#clear();
    this.#rows = rows;
    this.#scale = new Scale(rows.total, window.innerHeight);
    this.#grid.style.height = `${this.#scale.height}px`;
    this.#gridTop = this.#grid.getBoundingClientRect().top + window.scrollY;
    if (photo > 0) this.#showRow(rows.rowOf(photo));
    else this.#scale.move(Math.max(0, window.scrollY - this.#gridTop));
    this.#draw();
  }

  #gridTop = 0;

  /** Height of the words below each photo, in pixels. */
  get #note() {
    return Number.parseFloat(getComputedStyle(this.#grid).getPropertyValue("--note"));
  }

  #listen() {
    window.addEventListener("scroll", () => this.#scrolled(), { passive: true });
    window.addEventListener("scrollend", () => this.#rest());
    let width = this.#grid.clientWidth;
    let waiting = 0;
    new ResizeObserver(() => {
      if (this.#grid.clientWidth === width) return;
      width = this.#grid.clientWidth;
      clearTimeout(waiting);
      waiting = setTimeout(() => this.#arrange(this.firstSeen), SETTLED);
    }).observe(this.#grid);
    this.list.addEventListener("focusin", (event) => {
      const tile = event.target.closest(".tile");
      if (!tile) return;
      if (!this.list.contains(event.relatedTarget) && event.relatedTarget) this.#back = event.relatedTarget;
      this.#focused = Number(tile.dataset.photo);
    });
  }

  /** The first photo of the topmost row that is seen. */
  get firstSeen() {
    return this.#rows.firsts[this.#rows.rowAt(this.#scale.top)] ?? 0;
  }

  #scrolled() {
    const bar = window.scrollY - this.#gridTop;
    if (Math.abs(bar - this.#placed) < 1) this.#placed = Number.NaN;
    else this.#scale.move(Math.min(Math.max(bar, 0), this.#scale.height));
    this.#frame ||= requestAnimationFrame(() => {
      this.#frame = 0;
      this.#draw();
    });
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#rest(), SETTLED);
  }

  /** Put the scroll bar to where it belongs. */
  #rest() {
    clearTimeout(this.#timer);
    clearTimeout(this.#address);
    const bar = window.scrollY - this.#gridTop;
    if (bar > 0 && bar < this.#scale.height) {
      const wanted = this.#scale.rest();
      if (Math.abs(wanted - bar) > 2) this.#place(wanted);
      this.#draw();
    }
    this.#fetchSeen();
    this.#address = setTimeout(() => this.#notePlace(), LEFT);
  }

  /** Put the place into the address. */
  #notePlace() {
    const address = new URL(location.href);
    const first = this.firstSeen;
    if (window.scrollY > this.#gridTop && first > 0) address.searchParams.set("start", first);
    else address.searchParams.delete("start");
    if (address.href !== location.href) history.replaceState(history.state, "", address);
  }

  #place(bar) {
    this.#placed = Math.round(bar);
    window.scrollTo({ top: this.#gridTop + this.#placed, behavior: "instant" });
    this.#scale.offset += this.#scale.bar - this.#placed;
    this.#scale.bar = this.#placed;
  }

  #showRow(row) {
    const { tops, headings } = this.#rows;
    const heading = headings.find((one) => one.row === row);
    this.#place(this.#scale.rest(heading ? heading.top : tops[row]));
  }

  #clear() {
    for (const nodes of this.#drawn.values()) for (const node of nodes) node.remove();
    this.#drawn.clear();
    this.#drawnHeadings = "";
  }

  /** Make the rows near the view, and remove the others. */
  #draw() {
    const { view, top, offset } = this.#scale;
    const rows = this.#rows;
    const first = rows.rowAt(top - BEYOND * view);
    const last = rows.rowAt(top + (1 + BEYOND) * view);
    for (const [row, nodes] of this.#drawn) {
      if (row >= first && row <= last) continue;
      for (const node of nodes) if (!node.contains(document.activeElement)) node.remove();
      this.#drawn.delete(row);
    }
    const moved = offset !== this.#drawnOffset;
    this.#drawnOffset = offset;
    for (let row = first; row <= last; row++) {
      const known = this.#drawn.get(row);
      if (!known) this.#drawn.set(row, this.#make(row, rows.tops[row] - offset));
      else if (moved) this.#move(known, rows.tops[row] - offset);
    }
    this.#drawHeadings(top - view, top + 2 * view, offset);
    this.#fetchSeen();
  }

  #drawHeadings(from, to, offset) {
    const near = this.#rows.headings.filter(({ top }) => top >= from && top <= to);
    const drawn = `${near.map(({ month }) => month)} ${offset}`;
    if (drawn === this.#drawnHeadings) return;
    this.#drawnHeadings = drawn;
    const made = near.map(({ month, top }) => {
      const heading = document.createElement("h2");
      heading.textContent = this.month.format(new Date(`${month}-01T00:00:00Z`));
      heading.style.top = `${top - offset}px`;
      return heading;
    });
    this.headings.replaceChildren(...made);
  }

  #move(nodes, top) {
    const where = `${Math.round(top)}px`;
    for (const { children } of nodes) for (const one of children) one.style.top = where;
  }

  #make(row, top) {
    const high = `${Math.round(this.#rows.heights[row] + this.#rows.note)}px`;
    const nodes = this.#rows.places(row).map(({ photo, left, width }) => {
      const item = document.createElement("div");
      item.setAttribute("role", "listitem");
      item.setAttribute("aria-setsize", this.count);
      item.setAttribute("aria-posinset", photo + 1);
      item.append(...(this.#given.get(photo) ?? [document.createElement("a")]));
      this.#given.delete(photo);
      const tile = item.firstChild;
      tile.className = "tile";
      tile.dataset.photo = photo;
      tile.style.width = `${Math.round(width)}px`;
      tile.style.height = high;
      this.#fill(tile, photo, width);
      for (const one of item.children) one.style.left = `${Math.round(left)}px`;
      this.#move([item], top);
      return item;
    });
    this.list.append(...nodes);
    return nodes;
  }

  /** Give a tile its picture and its words, as soon as they are known. */
  #fill(tile, photo, width) {
    if (tile.hasAttribute("href")) return;
    const bucket = this.#bucketOf(photo);
    const told = this.#loaded.get(bucket.key)?.[photo - bucket.first];
    if (!told) return;
    tile.href = told.href;
    const picture = document.createElement("img");
    const wanted = width * window.devicePixelRatio;
    picture.decoding = "async";
    picture.alt = told.alt;
    picture.src = `${told.image}?width=${WIDTHS.find((one) => one >= wanted) ?? WIDTHS.at(-1)}`;
    const note = document.createElement("span");
    note.className = "note";
    note.setAttribute("aria-hidden", "true");
    note.append(...told.notes.map((part) => Object.assign(document.createElement("span"), { textContent: part })));
    tile.replaceChildren(picture, note);
    if (told.prints) {
      const prints = Object.assign(document.createElement("a"), { className: "prints", href: told.alike, textContent: told.prints });
      Object.assign(prints.style, { top: tile.style.top, left: tile.style.left });
      tile.after(prints);
    }
    if (told.people) {
      const people = document.createElement("span");
      people.className = "people";
      people.textContent = told.people;
      tile.append(people);
    }
    if (photo === this.#focused && this.#wanted) this.#focus();
  }

  #bucketOf(photo) {
    let low = 0;
    let high = this.firsts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.firsts[middle] <= photo) low = middle;
      else high = middle - 1;
    }
    return this.buckets[low];
  }

  /** Load the buckets of the rows that exist; those that were scrolled past are given up. */
  #fetchSeen() {
    const wanted = new Set();
    for (const row of this.#drawn.keys()) wanted.add(this.#bucketOf(this.#rows.firsts[row]));
    for (const [key, abort] of this.#loading) {
      if (![...wanted].some((bucket) => bucket.key === key)) abort.abort();
    }
    for (const bucket of wanted) {
      this.#load(bucket).catch((error) => {
        if (error.name !== "AbortError") this.fail();
      });
    }
  }

  async #load(bucket) {
    const { key } = bucket;
    if (this.#loaded.has(key) || this.#loading.has(key)) return;
    const abort = new AbortController();
    this.#loading.set(key, abort);
    try {
      const address = this.#grid.dataset.tiles.replace("KEY", encodeURIComponent(key));
      const answer = await fetch(address, { signal: abort.signal });
      if (!answer.ok) throw new Error(`tiles: ${answer.status}`);
      const told = await answer.json();
      if (told.version !== this.version) return await this.#renew();
      this.#loaded.set(key, told.tiles);
      if (this.#loaded.size > MOST_LOADED) this.#loaded.delete(this.#loaded.keys().next().value);
    } finally {
      this.#loading.delete(key);
    }
    for (const nodes of this.#drawn.values()) {
      for (const { firstChild: tile } of nodes) this.#fill(tile, Number(tile.dataset.photo), Number.parseFloat(tile.style.width));
    }
  }

  /** Something has changed in the archive: begin again where we are. */
  async #renew() {
    const answer = await fetch(this.#grid.dataset.buckets);
    const told = await answer.json();
    if (told.version === this.version || told.photos === 0) return;
    const before = this.#rows ? this.firstSeen : 0;
    this.version = told.version;
    this.buckets = told.buckets;
    this.firsts = told.buckets.map((bucket) => bucket.first);
    this.count = told.photos;
    this.shapes = decodeShapes(told.buckets, told.aspect);
    this.months = monthStarts(told.buckets);
    this.#loaded.clear();
    this.#given.clear();
    await this.#arrange(Math.min(before, this.count - 1));
  }

  fail() {
    if (document.querySelector("#failed")) return;
    const said = document.createElement("p");
    said.id = "failed";
    said.className = "problem";
    said.setAttribute("role", "alert");
    said.textContent = this.#grid.dataset.failed;
    this.#grid.before(said);
  }

  #wanted = false;

  /** Put the focus on a photo, wherever it is in the list. */
  go(photo) {
    if (!this.#rows) return;
    if (!this.list.contains(document.activeElement)) this.#back = document.activeElement;
    this.#focused = Math.min(Math.max(photo, 0), this.count - 1);
    this.#wanted = true;
    const row = this.#rows.rowOf(this.#focused);
    const { top, view } = this.#scale;
    const rowTop = this.#rows.tops[row];
    if (rowTop < top || rowTop + this.#rows.heights[row] > top + view || window.scrollY < this.#gridTop - view) {
      this.#showRow(row);
      this.#draw();
    }
    this.#focus();
  }

  #focus() {
    const tile = this.list.querySelector(`[data-photo="${this.#focused}"][href]`);
    if (!tile) return;
    this.#wanted = false;
    tile.focus({ preventScroll: true });
  }

  /** The photo that the keys move on from; before the first one, those on the screen. */
  get current() {
    if (this.list?.contains(document.activeElement) && this.#focused >= 0) return this.#focused;
    return -1;
  }

  step(by) {
    this.go(this.current < 0 ? this.firstSeen : this.current + by);
  }

  /** Go to the nearest photo of a row above or below. */
  climb(by) {
    if (this.current < 0) return this.step(0);
    const row = this.#rows.rowOf(this.current);
    const here = this.#rows.places(row).find(({ photo }) => photo === this.current);
    const middle = here.left + here.width / 2;
    const there = Math.min(Math.max(row + by, 0), this.#rows.firsts.length - 1);
    const away = ({ left, width }) => Math.abs(left + width / 2 - middle);
    const nearest = this.#rows.places(there).reduce((best, one) => (away(one) < away(best) ? one : best));
    this.go(nearest.photo);
  }

  leave() {
    const target = this.#back?.isConnected && this.#back !== document.body ? this.#back : document.querySelector("#content");
    target.focus();
  }
}

/** Only while a photo has the focus, so that these keys scroll as ever. */
const within = (gallery, action) => () => {
  if (gallery.current < 0) return false;
  action();
  return true;
};

const grid = document.querySelector("#grid");
if (grid && grid.querySelector(".tile")) {
  const gallery = new Gallery(grid);
  const { next, previous, below, above, first, last, out } = grid.dataset;
  keyboard.on("j", next, () => gallery.step(1)).on("k", previous, () => gallery.step(-1));
  keyboard.on("ArrowRight", next, within(gallery, () => gallery.step(1)));
  keyboard.on("ArrowLeft", previous, within(gallery, () => gallery.step(-1)));
  keyboard.on("ArrowDown", below, within(gallery, () => gallery.climb(1)));
  keyboard.on("ArrowUp", above, within(gallery, () => gallery.climb(-1)));
  keyboard.on("Home", first, within(gallery, () => gallery.go(0)));
  keyboard.on("End", last, within(gallery, () => gallery.go(gallery.count - 1)));
  keyboard.on("Escape", out, within(gallery, () => gallery.leave()));
  grid.addEventListener("answered", (event) => {
    if (gallery.current < 0) return;
    event.preventDefault();
    gallery.step(1);
  });
  gallery.start().catch(() => gallery.fail());
}

/* Fields that are left empty stay out of the address. */
document.addEventListener("formdata", ({ target, formData }) => {
  if (!target.closest(".filter")) return;
  for (const [name, value] of [...formData]) if (value === "") formData.delete(name);
});
