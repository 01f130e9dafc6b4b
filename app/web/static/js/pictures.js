/* Fetches pictures. While the server doesn't give them, one is asked for, more and more rarely, and
   a word stands where they would be; a tab that nobody sees asks for none. */

const AT_ONCE = 3;
const SOONEST_MS = 1000;
const LATEST_MS = 60000;
const PATIENCE_MS = 60000;
const GONE = [400, 403, 404, 410];

/** Whether the server gave a picture: its blob, null if there is none, undefined if not now. */
async function ask(address) {
  try {
    const answer = await fetch(address, { signal: AbortSignal.timeout(PATIENCE_MS) });
    if (answer.ok) return await answer.blob();
    return GONE.includes(answer.status) ? null : undefined;
  } catch {
    return undefined;
  }
}

/** The pause between two questions that fail: longer each time. */
class Patience {
  #wait = 0;
  #timer = 0;
  #act;

  constructor(act) {
    this.#act = act;
    const now = () => (this.#wait && !document.hidden ? this.end() : null);
    addEventListener("online", now);
    document.addEventListener("visibilitychange", now);
  }

  /** Whether the last question has failed. */
  get isLost() {
    return this.#wait > 0;
  }

  begin() {
    this.#wait = Math.min(LATEST_MS, this.#wait ? 2 * this.#wait : SOONEST_MS);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => (document.hidden ? null : this.#act()), this.#wait * (0.75 + Math.random() / 2));
  }

  /** Ask at once. */
  end() {
    clearTimeout(this.#timer);
    this.#act();
  }

  forget() {
    clearTimeout(this.#timer);
    this.#wait = 0;
  }
}

export class PictureQueue {
  #room;
  #changed;
  #wanted = [];
  #got = new Map(); // by address: {source, size}; null: there is none
  #asked = new Set();
  #fails = new Map(); // by address: how often
  #size = 0; // bytes that are here
  #patience = new Patience(() => this.#next());

  /** Of at most `room` bytes; `changed()` is called when a picture has come, or does not come. */
  constructor(room, changed) {
    this.#room = room;
    this.#changed = changed;
  }

  /** Fetch pictures in this order, as many as there is room for. */
  order(addresses) {
    this.#wanted = addresses.filter((address) => !address.startsWith("data:"));
    if (!this.#patience.isLost) this.#next();
  }

  /** What shows a picture that is here: an address that needs no server. */
  source(address) {
    return address.startsWith("data:") ? address : this.#got.get(address)?.source;
  }

  /** Whether the server has no such picture. */
  isGone(address) {
    return this.#got.get(address) === null;
  }

  /** Whether the server was asked for a picture, and gave none as yet. */
  isFailing(address) {
    return this.#fails.has(address);
  }

  /** Ask again at once. */
  askNow() {
    this.#patience.end();
  }

  /** Ask for the picture that is looked at, then for those that have failed least. */
  #next() {
    const isLost = this.#patience.isLost;
    const rank = (address, place) => (place || isLost ? (this.#fails.get(address) ?? 0) : -1);
    const open = this.#wanted.map((address, place) => [rank(address, place), address]).filter(([, one]) => !this.#got.has(one));
    for (const [, address] of open.sort((a, b) => a[0] - b[0])) {
      if (this.#asked.size >= (isLost ? 1 : AT_ONCE)) return;
      if (this.#size > this.#room && !this.#makeRoom(address)) return;
      if (!this.#asked.has(address)) this.#fetch(address);
    }
  }

  /** Forget the pictures that are wanted no more, or later than another one; false: there are none. */
  #makeRoom(address) {
    const place = (one) => (this.#wanted.indexOf(one) + 1 || Infinity) - 1;
    const here = [...this.#got.keys()].filter((one) => this.#got.get(one) && place(one) > place(address));
    here.sort((a, b) => place(b) - place(a));
    for (const one of here) {
      if (this.#size <= this.#room) break;
      const { source, size } = this.#got.get(one);
      URL.revokeObjectURL(source);
      this.#size -= size;
      this.#got.delete(one);
    }
    return this.#size <= this.#room;
  }

  async #fetch(address) {
    this.#asked.add(address);
    const blob = await ask(address);
    this.#asked.delete(address);
    if (blob === undefined) {
      this.#fails.set(address, (this.#fails.get(address) ?? 0) + 1);
      if (!this.#asked.size) this.#patience.begin(); // of several at once the last one
    } else {
      this.#got.set(address, blob && { source: URL.createObjectURL(blob), size: blob.size });
      this.#size += blob?.size ?? 0;
      this.#fails.delete(address);
      this.#patience.forget();
    }
    this.#changed();
    if (blob !== undefined) this.#next();
  }
}

/* The pictures of the page itself: a word stands in for those that fail. */
const failing = new Map(); // picture: its word
const again = new Patience(askFirst);

function fail(picture) {
  if (failing.has(picture) || !picture.src.startsWith(location.origin)) return;
  const word = document.createElement("span");
  word.className = "no-picture";
  word.textContent = document.querySelector("#messages").dataset.picture;
  picture.classList.add("failing");
  picture.after(word);
  failing.set(picture, word);
  if (!again.isLost) again.begin();
}

async function askFirst() {
  for (const picture of failing.keys()) if (!picture.isConnected) failing.delete(picture);
  const [picture] = failing.keys();
  if (!picture) return again.forget();
  const blob = await ask(picture.src);
  if (blob === undefined) {
    const word = failing.get(picture);
    failing.delete(picture);
    failing.set(picture, word); // the next time another one is asked for
    return again.begin();
  }
  if (blob === null) {
    failing.get(picture).textContent = document.querySelector("#messages").dataset.noPicture;
    failing.delete(picture);
    return askFirst();
  }
  again.forget();
  for (const [one, word] of [...failing]) {
    failing.delete(one);
    word.remove();
    one.classList.remove("failing");
    one.src = one.src; // what fails once more says so
  }
  return undefined;
}

/** Watch the pictures of this page, those that are yet to come too. */
export function watchPictures() {
  document.addEventListener("error", ({ target }) => (target instanceof HTMLImageElement ? fail(target) : null), true);
  for (const picture of document.images) if (picture.complete && !picture.naturalWidth && picture.currentSrc) fail(picture);
}
