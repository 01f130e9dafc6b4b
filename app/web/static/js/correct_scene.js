/* The photos of a page as boxes that can be taken hold of: one SVG over the zoomed scan.

   Boxes are in pixels of the page and follow the zoom; numbers and handles keep their size on the
   screen. The scene decides nothing: it draws what it is given, and tells what a pointer does. */

import { between, cutAt, extent, handles, shifted } from "./page_geometry.js";

const NAMESPACE = "http://www.w3.org/2000/svg";
const ROOM = 72; // pixels of the screen from which a side has a handle of its own
const REACH = 14; // half of what a finger has to hit, in pixels of the screen

function made(name, attributes, parent) {
  const element = document.createElementNS(NAMESPACE, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  parent?.append(element);
  return element;
}

function lay(rect, box) {
  const [x, y, width, height] = extent(box);
  for (const [key, value] of Object.entries({ x, y, width, height })) rect.setAttribute(key, value);
}

export class Scene {
  #scan;
  #on;
  #shapes = new Map(); // by the id of a photo
  #shown = null; // what was drawn last

  /** `on` has what is called: select(id, {also}), change(box), cut(at), drawn(box, done), leave(). */
  constructor(scan, on) {
    this.#scan = scan;
    this.#on = on;
    const group = scan.group;
    this.photos = made("g", { class: "photos" }, group);
    this.others = made("g", { class: "others", "aria-hidden": "true" }, group);
    this.draft = made("g", { class: "draft", "aria-hidden": "true" }, group);
    this.over = made("g", { class: "over", "aria-hidden": "true" }, scan.svg);
    this.sheet = made("rect", { class: "sheet-of-drawing", width: "100%", height: "100%" }, scan.svg);
    scan.placed = () => this.#placeOver();
    this.#listen();
  }

  /** Draw {photos, waiting, removed, disputed, selected, joined, draft, drawing}; see `correct.js`. */
  draw(shown) {
    this.#shown = shown;
    this.#drawPhotos(shown);
    this.others.replaceChildren();
    for (const one of shown.removed) lay(made("rect", { class: "removed" }, this.others), one.box);
    for (const box of shown.waiting ?? []) lay(made("rect", { class: "waiting" }, this.others), box);
    for (const one of shown.disputed) lay(made("rect", { class: "disputed" }, this.others), one.box);
    this.draft.replaceChildren();
    const { draft } = shown;
    if (draft?.box) lay(made("rect", { class: draft.kind }, this.draft), draft.box);
    if (draft?.kind === "split") this.#drawCut(draft);
    this.sheet.toggleAttribute("hidden", !shown.drawing);
    this.#scan.stage.classList.toggle("drawing", shown.drawing);
    this.#placeOver();
  }

  /** The shape of a photo, which takes the focus; undefined without one. */
  shape(id) {
    return this.#shapes.get(id);
  }

  #drawPhotos({ photos, selected, joined }) {
    const ids = new Set(photos.map((photo) => photo.id));
    for (const [id, shape] of this.#shapes) {
      if (ids.has(id)) continue;
      shape.remove();
      this.#shapes.delete(id);
    }
    photos.forEach((photo, i) => {
      let shape = this.#shapes.get(photo.id);
      if (!shape) {
        shape = made("g", { role: "button", tabindex: "0" });
        shape.dataset.focus = `shape ${photo.id}`;
        made("rect", {}, shape);
        shape.addEventListener("focus", () => this.#on.select(photo.id, {}));
        this.#shapes.set(photo.id, shape);
      }
      // Only what stands elsewhere is moved: an element that is moved loses the focus.
      if (this.photos.children[i] !== shape) this.photos.insertBefore(shape, this.photos.children[i] ?? null);
      lay(shape.firstChild, photo.box);
      shape.setAttribute("aria-label", photo.label);
      shape.setAttribute("aria-pressed", String(photo.id === selected));
      const classes = ["photo", photo.by_hand ? "hand" : "machine"];
      if (photo.id === selected) classes.push("selected");
      if (joined.has(photo.id)) classes.push("joined");
      shape.setAttribute("class", classes.join(" "));
    });
  }

  #drawCut({ box: [x0, y0, x1, y1], upright, at }) {
    const ends = upright ? { x1: at, x2: at, y1: y0, y2: y1 } : { x1: x0, x2: x1, y1: at, y2: at };
    made("line", { class: "cut", ...ends }, this.draft);
  }

  /* Numbers, what takes hold of the selected box, and its handles. */
  #placeOver() {
    if (!this.#shown) return;
    const { photos, selected, draft, drawing, disputed } = this.#shown;
    this.over.replaceChildren();
    const write = (text, box, kind) => {
      const [x, y] = this.#scan.toStage(box);
      const width = 9 + 8 * text.length;
      made("rect", { class: `tag ${kind}`, x, y, width, height: 18 }, this.over);
      made("text", { class: `tag ${kind}`, x: x + 4.5, y: y + 13.5 }, this.over).textContent = text;
    };
    for (const [i, photo] of photos.entries()) write(`${i + 1}${photo.by_hand ? "✎" : ""}`, photo.box, photo.by_hand ? "hand" : "machine");
    for (const { box } of disputed) write("?", [box[2] - 17 / this.#scan.scale, box[1]], "disputed");
    const held = draft?.box ?? photos.find((photo) => photo.id === selected)?.box;
    if (!held || drawing) return;
    const [x, y] = this.#scan.toStage(held);
    const [right, low] = this.#scan.toStage(held.slice(2));
    made("rect", { class: "grip", x, y, width: right - x, height: low - y }, this.over);
    if (draft?.kind === "split") return;
    for (const [edges, at] of handles(held, ROOM / this.#scan.scale)) {
      const [cx, cy] = this.#scan.toStage(at);
      const handle = made("g", { class: `handle h${edges.join("v")}` }, this.over);
      handle.dataset.edges = edges.join(",");
      made("rect", { class: "reach", x: cx - REACH, y: cy - REACH, width: 2 * REACH, height: 2 * REACH }, handle);
      made("rect", { class: "knob", x: cx - 5, y: cy - 5, width: 10, height: 10 }, handle);
    }
  }

  #listen() {
    const { svg, viewer } = this.#scan;
    svg.addEventListener("pointerdown", (event) => this.#take(event));
    // The wheel zooms, whatever lies under the pointer.
    svg.addEventListener("wheel", (event) => {
      event.preventDefault();
      viewer.canvas.dispatchEvent(new WheelEvent(event.type, event));
    }, { passive: false });
    viewer.addHandler("canvas-click", (event) => {
      if (!event.quick) return;
      this.#choose(event.originalEvent);
    });
  }

  /* What is pressed without being moved is chosen: of several photos the smallest one. */
  #choose({ clientX, clientY, shiftKey }) {
    const places = this.#shown.photos.map((photo) => [photo, extent(photo.box)]);
    const found = this.#scan.under(clientX, clientY, places);
    if (found) this.#on.select(found.id, { also: shiftKey });
    else this.#on.leave();
    (found ? this.shape(found.id) : this.#scan.stage)?.focus({ preventScroll: true });
  }

  /* A pointer takes hold of a handle, of the selected box, or of the page to draw on it. */
  #take(event) {
    if (event.button !== 0 || !this.#shown) return;
    const { draft, photos, selected, drawing } = this.#shown;
    const size = [this.#scan.width, this.#scan.height];
    const from = this.#scan.toPage(event.clientX, event.clientY);
    const on = event.target.closest?.(".handle, .grip, .sheet-of-drawing");
    if (!on) return;
    event.preventDefault();
    const base = draft?.box ?? photos.find((photo) => photo.id === selected)?.box;
    const edges = on.dataset.edges?.split(",").map(Number) ?? [0, 0];
    const draws = on === this.sheet && drawing;
    if (!draws && !base) return;
    const follow = (moved) => {
      const to = this.#scan.toPage(moved.clientX, moved.clientY);
      if (draws) this.#on.drawn(between(from, to, size), false);
      else if (draft?.kind === "split") this.#on.cut(cutAt(base, draft.upright, draft.upright ? to[0] : to[1]));
      else this.#on.change(shifted(base, edges, to[0] - from[0], to[1] - from[1], size));
    };
    const { svg } = this.#scan;
    svg.setPointerCapture(event.pointerId); // handles are drawn anew while they are moved
    const end = (last) => {
      svg.removeEventListener("pointermove", follow);
      svg.removeEventListener("pointerup", end);
      svg.removeEventListener("pointercancel", end);
      const far = Math.hypot(last.clientX - event.clientX, last.clientY - event.clientY);
      if (draws && last.type === "pointerup") this.#on.drawn(between(from, this.#scan.toPage(last.clientX, last.clientY), size), true);
      else if (!draws && far < 3 && last.type === "pointerup") this.#choose(last);
    };
    svg.addEventListener("pointermove", follow);
    svg.addEventListener("pointerup", end);
    svg.addEventListener("pointercancel", end);
  }
}
