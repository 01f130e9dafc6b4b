/* What the header of every page says of the journal: how much waits, what was refused, and a
   warning to whoever leaves Presslens while something waits. */

import { discard, journal, outbox, poke, state } from "./journal_sender.js";

const PATIENCE_MS = 1000; // what is stored sooner is not mentioned
const INSIDE_MS = 2000; // from a step to another page of ours until this one is left

const notice = document.querySelector("#journal");
const button = notice.querySelector("button");
const words = notice.dataset;
const number = new Intl.NumberFormat(document.documentElement.lang);
let timer = 0;
let isLong = false; // something has waited for longer
let inside = -INSIDE_MS;

const counted = (text, n) => text.replace("{n}", number.format(n));

/** Say what waits, once it has waited for a moment. */
function show() {
  const now = state();
  if (!now.waiting) {
    clearTimeout(timer);
    [timer, isLong] = [0, false];
  } else if (!isLong) {
    timer ||= setTimeout(() => {
      [timer, isLong] = [0, true];
      show();
    }, PATIENCE_MS);
  }
  draw({ ...now, waiting: isLong ? now.waiting : 0 });
}

function draw({ waiting, refused, isReached }) {
  const parts = [];
  if (waiting) parts.push(counted(words.waiting, waiting));
  if (refused) parts.push(counted(words.refused, refused));
  notice.hidden = !parts.length;
  const said = parts.join(" · ");
  if (button.textContent !== said) button.textContent = said;
  button.classList.toggle("away", !isReached || refused > 0);
  const dialog = document.querySelector("dialog.journal");
  if (dialog) list(dialog);
}

/** Show what waits and what was refused, and what can be done. */
function open() {
  const dialog = document.querySelector("#journal-dialog").content.firstElementChild.cloneNode(true);
  dialog.querySelector("[data-send]").addEventListener("click", poke);
  dialog.addEventListener("close", () => dialog.remove());
  list(dialog);
  document.body.append(dialog);
  dialog.showModal();
}

function list(dialog) {
  const { waiting, isReached } = state();
  const refused = journal.refused();
  dialog.querySelector(".waits").hidden = !waiting;
  dialog.querySelector(".waits span").textContent = `${counted(words.waiting, waiting)}. ${isReached ? words.sends : words.away}`;
  dialog.querySelector(".refusals").hidden = !refused.length;
  dialog.querySelector("ul").replaceChildren(...refused.map(([key, entry]) => row(key, entry)));
  if (!waiting && !refused.length) dialog.close();
}

function row(key, { text: what, href, reason, coder }) {
  const item = document.createElement("li");
  const link = document.createElement("a");
  link.href = href;
  link.textContent = what || href;
  item.append(link, ` (${coder}): ${reason} `);
  for (const [name, act] of [["again", () => journal.retry(key)], ["discard", () => discard(key)]]) {
    const acting = document.createElement("button");
    acting.type = "button";
    acting.className = "small";
    acting.textContent = words[name];
    acting.addEventListener("click", () => {
      if (name === "discard" && !confirm(words.sure)) return;
      act();
      poke();
    });
    item.append(acting, " ");
  }
  return item;
}

button.addEventListener("click", open);
for (const kind of ["added", "stored", "refused", "reached"]) outbox.addEventListener(kind, show);
addEventListener("storage", show); // what another page has written is read here a little after its message comes

/* Another page of Presslens sends what waits; whoever goes elsewhere is warned. */
window.navigation?.addEventListener("navigate", ({ destination, hashChange, navigationType }) => {
  if (!hashChange && navigationType !== "reload" && new URL(destination.url).origin === location.origin) inside = performance.now();
});
addEventListener("beforeunload", (event) => {
  if (performance.now() - inside > INSIDE_MS && state().waiting) event.preventDefault();
});

show();
if (state().waiting) poke();
