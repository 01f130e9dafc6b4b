/* Rows of photos in the width of a page, and a scroll bar for more of them than a browser is high. */

/** Most pixels of the page's height: browsers cut off what is much higher. */
export const HIGHEST = 3_900_000;

const SLICE = 60_000; // photos that are laid out without a pause

/** Widths by heights out of the bytes of all buckets. */
export function decodeShapes(buckets, { steps, middle }) {
  const total = buckets.reduce((sum, bucket) => sum + bucket.count, 0);
  const known = Float32Array.from({ length: 256 }, (_, code) => 2 ** ((code - middle) / steps));
  const shapes = new Float32Array(total);
  for (const { first, aspects } of buckets) {
    const bytes = atob(aspects);
    for (let i = 0; i < bytes.length; i++) shapes[first + i] = known[bytes.charCodeAt(i)];
  }
  return shapes;
}

/** Places where a month begins; none if the photos are not sorted by date. */
export function monthStarts(buckets) {
  const starts = [];
  for (const { month, first } of buckets) {
    if (month && month !== starts.at(-1)?.month) starts.push({ month, first });
  }
  return starts;
}

/** Let the browser do what waits. */
const pause = () => new Promise((done) => setTimeout(done, 0));

/** Rows of photos: each but the last of a section is as wide as the page.

    `firsts[i]`, `tops[i]` and `heights[i]` are the first photo of row i, its top and its height. */
export class Rows {
  constructor(shapes, sections, { width, height, gap, heading, note = 0 }) {
    this.shapes = shapes;
    this.width = width;
    this.height = height;
    this.gap = gap;
    this.heading = heading;
    this.note = note; // pixels of the words below each photo
    this.sections = sections.length ? sections : [{ month: null, first: 0 }];
    this.headings = [];
    this.firsts = [];
    this.tops = [];
    this.heights = [];
    this.total = 0;
  }

  /** Arrange all photos, with pauses. */
  async arrange() {
    let sum = 0;
    let begin = 0;
    let next = 0;
    const { shapes, width, height, gap } = this;
    for (let i = 0; i <= shapes.length; i++) {
      const ends = i === shapes.length || i === this.sections[next]?.first;
      if (ends) {
        if (i > begin) this.#close(begin, Math.min(height, (width - gap * (i - begin - 1)) / sum));
        begin = i;
        sum = 0;
        if (i === shapes.length) break;
        this.#head(this.sections[next]);
        next++;
      }
      sum += shapes[i];
      const high = (width - gap * (i - begin)) / sum;
      if (high <= height) {
        this.#close(begin, Math.max(high, 1));
        begin = i + 1;
        sum = 0;
      }
      if (i % SLICE === SLICE - 1) await pause();
    }
    return this;
  }

  #head({ month }) {
    if (!month) return;
    this.headings.push({ month, top: this.total, row: this.firsts.length });
    this.total += this.heading;
  }

  #close(first, high) {
    this.firsts.push(first);
    this.tops.push(this.total);
    this.heights.push(high);
    this.total += high + this.note + this.gap;
  }

  /** The row that holds a photo. */
  rowOf(photo) {
    return lastAtMost(this.firsts, photo);
  }

  /** The row at a height. */
  rowAt(top) {
    return lastAtMost(this.tops, top);
  }

  /** Left edge and width of each photo of a row. */
  places(row) {
    const first = this.firsts[row];
    const last = this.firsts[row + 1] ?? this.shapes.length;
    const places = [];
    let left = 0;
    for (let photo = first; photo < last; photo++) {
      const wide = Math.min(this.shapes[photo] * this.heights[row], this.width);
      places.push({ photo, left, width: wide });
      left += wide + this.gap;
    }
    return places;
  }
}

/** The last place of an ascending list whose value is at most this; 0 if there is none. */
export function lastAtMost(values, wanted) {
  let low = 0;
  let high = values.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (values[middle] <= wanted) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** Where in a long list a scroll bar of a shorter page is.

    Small movements move the list by as much; jumps, as with the bar itself, by their share. At rest
    the bar is put to where it belongs, and the list stays where it is. */
export class Scale {
  constructor(total, view) {
    this.total = total;
    this.view = view;
    this.height = Math.min(total, HIGHEST);
    this.bar = 0;
    this.offset = 0;
  }

  get #most() {
    return Math.max(this.total - this.view, 0);
  }

  get #mostBar() {
    return Math.max(this.height - this.view, 0);
  }

  /** The top of what is seen, in pixels of the list. */
  get top() {
    return Math.min(Math.max(this.bar + this.offset, 0), this.#most);
  }

  /** The bar was moved to a height of the page. */
  move(bar) {
    const far = Math.abs(bar - this.bar) > 2 * this.view;
    if (far) this.offset = bar * (this.#mostBar ? this.#most / this.#mostBar : 0) - bar;
    this.bar = bar;
    // At an end of the list the page ends too, wherever the bar is.
    this.offset = this.top - bar;
    return this.top;
  }

  /** Where the bar belongs for a height of the list; `rest` puts it there. */
  barFor(top) {
    if (this.total <= this.height) return top;
    const room = Math.min(30 * this.view, this.#mostBar / 4);
    const share = (top / this.#most) * this.#mostBar;
    const least = Math.min(top, room);
    const most = this.#mostBar - Math.min(this.#most - top, room);
    return Math.min(Math.max(share, least), most);
  }

  /** Put the bar to where it belongs, and return that. */
  rest(top = this.top) {
    this.bar = this.barFor(top);
    this.offset = top - this.bar;
    return this.bar;
  }
}
