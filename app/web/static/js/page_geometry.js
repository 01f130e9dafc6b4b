/* Boxes on a page: moved, resized, drawn and cut. Pure functions; a box is [x0, y0, x1, y1] in pixels
   of the page, a size is [width, height], and `edges` says which sides follow: [-1, 0] is the left one,
   [1, 1] the right and the lower one, [0, 0] the whole box. */

export const LEAST = 8; // pixels of the page that a side has at least

const clamp = (value, low, high) => Math.min(Math.max(value, low), Math.max(low, high));

/** [x, y, width, height] of a box. */
export const extent = ([x0, y0, x1, y1]) => [x0, y0, x1 - x0, y1 - y0];

/** The box in tenths of a pixel, as it is sent. */
export const rounded = (box) => box.map((side) => Math.round(side * 10) / 10);

/** Whether two boxes are the same to half a pixel. */
export const same = (a, b) => a.every((side, i) => Math.abs(side - b[i]) < 0.5);

/** The box with some of its edges moved by (dx, dy); it stays on the page. */
export function shifted([x0, y0, x1, y1], [h, v], dx, dy, [width, height]) {
  if (!h && !v) {
    const right = clamp(dx, -x0, width - x1);
    const down = clamp(dy, -y0, height - y1);
    return [x0 + right, y0 + down, x1 + right, y1 + down];
  }
  return [
    h < 0 ? clamp(x0 + dx, 0, x1 - LEAST) : x0,
    v < 0 ? clamp(y0 + dy, 0, y1 - LEAST) : y0,
    h > 0 ? clamp(x1 + dx, x0 + LEAST, width) : x1,
    v > 0 ? clamp(y1 + dy, y0 + LEAST, height) : y1,
  ];
}

/** The box between two points, as far as it is on the page; null for one that is too small. */
export function between([ax, ay], [bx, by], [width, height]) {
  const box = [
    clamp(Math.min(ax, bx), 0, width),
    clamp(Math.min(ay, by), 0, height),
    clamp(Math.max(ax, bx), 0, width),
    clamp(Math.max(ay, by), 0, height),
  ];
  return box[2] - box[0] < LEAST || box[3] - box[1] < LEAST ? null : box;
}

/** A box in the middle of a region [x, y, width, height], a third as wide and high. */
export function middle([x, y, width, height], size) {
  const dx = Math.max(width / 6, LEAST);
  const dy = Math.max(height / 6, LEAST);
  const cx = x + width / 2;
  const cy = y + height / 2;
  return between([cx - dx, cy - dy], [cx + dx, cy + dy], size) ?? [0, 0, ...size];
}

/** Where a cut through a box can be at most: at least LEAST from its sides. */
export function cutAt([x0, y0, x1, y1], upright, at) {
  const [low, high] = upright ? [x0, x1] : [y0, y1];
  return clamp(at, low + LEAST, high - LEAST);
}

/** The two boxes that a cut makes of one: upright, left and right; else above and below. */
export function halves([x0, y0, x1, y1], upright, at) {
  return upright
    ? [[x0, y0, at, y1], [at, y0, x1, y1]]
    : [[x0, y0, x1, at], [x0, at, x1, y1]];
}

/** The smallest box around some. */
export const around = (boxes) => [
  Math.min(...boxes.map((box) => box[0])),
  Math.min(...boxes.map((box) => box[1])),
  Math.max(...boxes.map((box) => box[2])),
  Math.max(...boxes.map((box) => box[3])),
];

/** How far two boxes overlap: the share of what both cover, 0 to 1. */
export function overlap(a, b) {
  const width = Math.min(a[2], b[2]) - Math.max(a[0], b[0]);
  const height = Math.min(a[3], b[3]) - Math.max(a[1], b[1]);
  if (width <= 0 || height <= 0) return 0;
  const area = ([x0, y0, x1, y1]) => (x1 - x0) * (y1 - y0);
  return (width * height) / (area(a) + area(b) - width * height);
}

/** The one of some photos whose box overlaps most with a box, by half at least; else null. */
export function nearest(photos, box) {
  let best = null;
  let most = 0.5;
  for (const photo of photos) {
    const share = overlap(photo.box, box);
    if (share >= most) [best, most] = [photo, share];
  }
  return best;
}

/** The handles of a box, [edges, [x, y]]: of a small one, whose sides are below `room`, the corners. */
export function handles([x0, y0, x1, y1], room) {
  const made = [];
  for (const h of [-1, 0, 1]) {
    for (const v of [-1, 0, 1]) {
      const corner = h && v;
      const roomy = h ? y1 - y0 >= room : x1 - x0 >= room;
      if (!(h || v) || (!corner && !roomy)) continue;
      made.push([[h, v], [h < 0 ? x0 : h > 0 ? x1 : (x0 + x1) / 2, v < 0 ? y0 : v > 0 ? y1 : (y0 + y1) / 2]]);
    }
  }
  return made;
}
