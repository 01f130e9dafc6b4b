/* Correcting the photos of a page: what is chosen, what is changed, and saving it.

   A change is a draft until it is saved: by Enter, by its button, or by going on to another photo.
   Then it is an entry of the journal, which is stored in its turn while the next draft is made. What
   the server refuses is a draft again, if no other one has been begun. */

import { BlindPage } from "./correct_blind.js";
import { cutMoved, cutOf, retargeted, saving, SIDES, STEPS, turned } from "./correct_draft.js";
import { PhotoList } from "./correct_list.js";
import { Scene } from "./correct_scene.js";
import { ServerPage } from "./correct_server.js";
import { counted, fill, View } from "./correct_view.js";
import { askCoder, say } from "./corrections.js";
import { discard } from "./journal_sender.js";
import { extent, middle, nearest, shifted } from "./page_geometry.js";
import { nextOfSample, sayAfterwards, saySaid } from "./page_sample.js";
import { zoomable } from "./zoom_controls.js";

export const root = document.querySelector("#correct");
export const stage = document.querySelector("#stage");
export const words = JSON.parse(root.dataset.words);
const sample = root.dataset.sample ?? null;
const state = JSON.parse(root.dataset.state);
const store = sample ? new BlindPage(state, sample) : new ServerPage(state);
const size = [state.width, state.height];

let selected = null; // id of a photo
let joined = new Set(); // ids of the photos that are to be one
let draft = null; // {kind: "add", "move" or "split", photo, box, upright, at, touched}
let drawing = false; // the next drag draws
let showRemoved = false;
let side = 0; // index in SIDES
let step = 1; // index in STEPS
let known = store.state.photos; // as they were drawn last
let counts = []; // the numbers of photos, in words

const photoOf = (id) => store.state.photos.find((photo) => photo.id === id);
const nameOf = (id) => fill(words.photo, { n: 1 + store.state.photos.findIndex((photo) => photo.id === id) });

const scan = zoomable(stage, { arrows: false, failed: (error) => say(error.message, { alert: true }) });
const scene = new Scene(scan, {
  select: (id, { also }) => (also ? join(id) : select(id)),
  change: (box) => change({ kind: draft?.kind ?? "move", box }),
  cut: (at) => change({ at }),
  drawn,
  leave: () => select(null),
});
const list = new PhotoList(words, {
  select: (id) => select(id).then(() => scene.shape(id)?.focus()),
  join,
  remove: (id) => select(id).then(remove),
  split: (id) => select(id).then(split).then(() => stage.focus()),
  back: ({ edit }) => run(() => store.undo(edit), null),
  decide: (place, said) => run((text) => store.review({ marks: [said.mark], adjudicates: true }, text), words.decided),
});
const view = new View(root, stage, words, scene, list);

function draw() {
  view.draw({ ...store.state, counts, selected, joined, draft, drawing, showRemoved, side: SIDES[side], step: STEPS[step] });
}

store.changed = (kind) => {
  follow();
  if (kind !== "added") count();
};

function count() {
  const place = root.querySelector("[data-place=counts]");
  place.setAttribute("aria-busy", "true");
  store.count((found) => {
    place.removeAttribute("aria-busy");
    counts = found;
    draw();
  });
}

/* What is done */

/** Begin to do something; resolves to {done}, null without a name. `done` resolves to {edit}, null if it failed.

    What it was `made` of is a draft no more: it is saved once, whatever is done next. */
async function begin(act, text, made = null) {
  if (text !== null && !(await askCoder())) return null;
  const before = made?.box ?? photoOf(selected)?.box;
  if (made) [draft, drawing] = [null, false];
  joined = new Set();
  const done = act(text).then((edit) => {
    follow();
    if (selected === null && !draft && !drawing && before) selected = nearest(store.state.photos, before)?.id ?? null;
    draw();
    if (text) say(`${text}; ${fill(words.page_has, { photos: counted(store.state.photos.length, words) })}`, { edit });
    return { edit };
  }, (error) => refused(error, made));
  draw();
  return { done };
}

/** What the server has refused is a draft again, if no other one has been begun. */
async function refused({ problem }, made) {
  await store.refresh().catch(() => null);
  if (made && !draft) {
    draft = retargeted(made, store.state.photos);
    if (draft && problem) discard(problem.entry);
  }
  follow();
  return null;
}

/** Do something, and say what it was; resolves to {edit} once it is stored, null if it failed. */
async function run(act, text) {
  return (await begin(act, text))?.done ?? null;
}

/** Draw the photos that are others now: what is chosen, joined or changed is of those that stand there. */
function follow() {
  const before = known;
  const { photos } = store.state;
  known = photos;
  const now = (id) => (photoOf(id) ? id : nearest(photos, before.find((photo) => photo.id === id)?.box ?? [0, 0, 0, 0])?.id);
  if (selected !== null) selected = now(selected) ?? null;
  joined = new Set([...joined].map(now).filter((id) => id !== undefined));
  if (draft?.photo && !photoOf(draft.photo.id)) {
    const kept = retargeted(draft, photos);
    if (!kept) say(words.gone, { alert: true });
    draft = kept;
  }
  draw();
}

async function select(id) {
  if (id === selected) return;
  if (draft?.touched && !(await save())) return;
  [draft, drawing, selected] = [null, false, id];
  if (id !== null) scan.reveal(extent(photoOf(id)?.box ?? [0, 0, 1, 1]));
  draw();
}

function join(id) {
  if (!joined.delete(id)) joined.add(id);
  draw();
}

function change(parts) {
  const photo = draft?.photo ?? photoOf(selected) ?? null;
  draft = { kind: "move", photo, touched: true, ...draft, ...parts, touched: true };
  draw();
}

function drawn(box, done) {
  if (!box) return;
  draft = { kind: "add", photo: null, box, touched: true };
  if (done) {
    drawing = false;
    selected = null;
    stage.focus({ preventScroll: true });
  }
  draw();
}

async function startDrawing() {
  if (drawing) return void leave();
  if (draft?.touched && !(await save())) return;
  drawing = true;
  selected = null;
  draft = { kind: "add", photo: null, box: middle(scan.region, size), touched: false };
  stage.focus({ preventScroll: true });
  draw();
}

function split() {
  const photo = photoOf(selected);
  if (photo) show(cutOf(photo));
}

function turn() {
  if (draft?.kind === "split") show(turned(draft));
}

function show(made) {
  draft = made;
  draw();
}

/** Save the draft; resolves to whether it is in the journal, or there is none. */
async function save() {
  const change = draft && saving(draft, store);
  const photo = draft?.photo ? nameOf(draft.photo.id) : "";
  if (change) return Boolean(await begin(change.act, fill(words[change.said], { photo }), draft));
  if (draft) leave();
  return true;
}

function leave() {
  if (!draft && !drawing) selected = null;
  [draft, drawing] = [null, false];
  draw();
}

function remove() {
  const photo = photoOf(selected);
  if (!photo) return null;
  draft = null;
  return run((text) => store.remove(photo, text), fill(words.was_removed, { photo: nameOf(photo.id) }));
}

function joinAll() {
  const photos = store.state.photos.filter((photo) => joined.has(photo.id));
  if (photos.length < 2) {
    say(words.join_first);
    return null;
  }
  return run((text) => store.join(photos, text), fill(words.were_joined, { n: photos.length }));
}

async function review(said, text) {
  if (draft?.touched && !(await save())) return;
  if (sample && store.isSent) return;
  const done = await run((name) => store.review(said, name), text);
  if (!done || !sample) return;
  sayAfterwards(text, done.edit);
  await nextPage();
}

/** Say that a drawn page is checked as it is, if nothing was changed on it: one key a page. */
function allRight() {
  if (store.asFound && !draft?.touched) return review({ checked: true, marks: [] }, words.all_right);
  say(words.not_as_found, { alert: true });
  return null;
}

async function nextPage() {
  if (draft?.touched && !(await save())) return;
  const address = await nextOfSample(sample, state.page, location.pathname).catch((error) => say(error.message, { alert: true }));
  if (address) location.assign(address);
  else say(words.sample_done);
}

/** What buttons and keys do, by name. */
export const acts = {
  draw: startDrawing,
  remove,
  split,
  turn,
  join: joinAll,
  fine: allRight,
  checked: () => review({ checked: true, marks: [] }, words.checked),
  two: () => review({ two_editions: true, marks: [] }, words.two_editions),
  undo: () => (draft ? leave() : run(() => store.undo(), null)),
  redo: () => run(() => store.redo(), null),
  removed: () => { showRemoved = !showRemoved; draw(); },
  save,
  leave,
  side: () => { side = (side + 1) % SIDES.length; draw(); },
  smaller: () => { step = Math.max(0, step - 1); draw(); },
  larger: () => { step = Math.min(STEPS.length - 1, step + 1); draw(); },
  forward: () => walk(1),
  back: () => walk(-1),
  next: nextPage,
};

function walk(by) {
  const ids = store.state.photos.map((photo) => photo.id);
  const at = ids.indexOf(selected);
  const to = ids[at < 0 && by < 0 ? ids.length - 1 : (at + by + ids.length) % ids.length];
  scene.shape(to)?.focus({ preventScroll: true });
}

/** Let an arrow move the box, its edge or the cut, or the scan if nothing is chosen. */
export function nudge(key, [dx, dy]) {
  const by = STEPS[step];
  const held = draft?.box ?? photoOf(selected)?.box;
  if (!held) scan[key.slice(5).toLowerCase()]();
  else if (draft?.kind === "split") show(cutMoved(draft, dx * by, dy * by));
  else change({ box: shifted(held, SIDES[side], dx * by, dy * by, size) });
}

/** Mark the chosen photo as one of those that are to be one, or no longer; false without one. */
export function markToJoin() {
  if (selected === null) return false;
  join(selected);
  return true;
}

document.addEventListener("undone", async ({ detail }) => {
  const elsewhere = detail.target === "page" && detail.target_id !== state.page;
  if (sample && elsewhere && !detail.elsewhere) {
    location.assign(location.href.replace(location.pathname, `/pages/${detail.target_id}`));
    return;
  }
  await store.refresh();
  follow();
  count();
});
window.addEventListener("beforeunload", (event) => {
  if (draft?.touched) event.preventDefault();
});

scan.opened.then(() => {
  draw();
  count();
  root.dataset.ready = "true";
  saySaid();
});
