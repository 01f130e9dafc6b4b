/* A change that is not saved yet: a box that is drawn or moved, or a cut through a photo. */

import { cutAt, extent, halves, nearest, rounded, same } from "./page_geometry.js";

export const STEPS = [1, 5, 20, 80]; // pixels of the page that an arrow moves
export const SIDES = [[0, 0], [-1, 0], [0, -1], [1, 0], [0, 1]]; // what arrows act on, in turn

/** A cut through the middle of a photo, across its longer side. */
export function cutOf(photo) {
  const [, , width, height] = extent(photo.box);
  const draft = { kind: "split", photo, box: photo.box, touched: true };
  return centred({ ...draft, upright: width >= height });
}

/** The cut across the other side. */
export const turned = (draft) => centred({ ...draft, upright: !draft.upright });

/** The cut, moved as far as the photo goes. */
export function cutMoved(draft, dx, dy) {
  return { ...draft, at: cutAt(draft.box, draft.upright, draft.at + (draft.upright ? dx : dy)) };
}

function centred(draft) {
  const [x, y, width, height] = extent(draft.box);
  return { ...draft, at: draft.upright ? x + width / 2 : y + height / 2 };
}

/** The draft of a photo that somebody has changed meanwhile: it is of the one that stands there now. */
export function retargeted(draft, photos) {
  const photo = nearest(photos, draft.box);
  if (draft.kind === "split" && !photo) return null;
  return { ...draft, photo, kind: photo ? draft.kind : "add" };
}

/** How a draft is saved, `act(text)`, and the name of what is said then; null if nothing has changed. */
export function saving({ kind, photo, box, upright, at }, store) {
  if (kind === "add") return { act: (text) => store.add(rounded(box), text), said: "drawn" };
  if (kind === "split") {
    return { act: (text) => store.split(photo, halves(box, upright, at).map(rounded), text), said: "was_split" };
  }
  return same(photo.box, box) ? null : { act: (text) => store.change(photo, rounded(box), text), said: "was_changed" };
}
