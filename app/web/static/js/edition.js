/* The page of an edition: shows its pages as they are found, and goes to the editions of the days around. */

import { sayNext, send } from "./corrections.js";
import { keyboard } from "./keyboard.js";

/** Return the document at this address as the server has it now; null if it has none. */
function current() {
  return new Promise((done) => {
    const request = new XMLHttpRequest();
    request.responseType = "document";
    request.addEventListener("loadend", () => done(request.status === 200 ? request.response : null));
    request.open("GET", location.href);
    request.send();
  });
}

/** Show each page that has changed; the one where the focus is stays. */
async function showFound(shown) {
  const found = (await current())?.querySelector("#found");
  if (!found) return;
  const [before, now] = [shown, found].map((part) => [...part.querySelectorAll(".pages > li")]);
  if (before.length !== now.length) {
    shown.replaceWith(found);
    return;
  }
  for (const [index, page] of before.entries()) {
    const same = page.isEqualNode(now[index]) || page.contains(document.activeElement);
    if (!same) page.replaceWith(now[index]);
  }
}

/** Show how many pages are done, and those that are; load the page again when all are added up. */
function follow(panel) {
  const bar = panel.querySelector("progress");
  const done = panel.querySelector("[data-done]");
  const of = panel.querySelector("[data-of]");
  const events = new EventSource(panel.dataset.events);
  let showing = Promise.resolve();
  events.addEventListener("progress", (event) => {
    const state = JSON.parse(event.data);
    done.textContent = state.pages_finished;
    of.textContent = state.pages;
    bar.max = Math.max(state.pages, 1);
    bar.value = state.pages_finished;
    if (state.summarised) {
      events.close();
      location.reload();
      return;
    }
    showing = showing.then(() => showFound(document.querySelector("#found")));
  });
  return events;
}

const panel = document.querySelector("#progress");
if (panel) {
  const events = follow(panel);
  window.addEventListener("pagehide", () => events.close());
}

const again = document.querySelector("[data-retry]");
again?.addEventListener("click", async () => {
  await send("POST", again.dataset.retry, { pages: [] });
  sayNext(again.dataset.said);
  location.reload();
});

for (const [key, rel] of [["j", "next"], ["k", "prev"]]) {
  const link = document.querySelector(`.beside a[rel=${rel}]`);
  if (link) keyboard.on(key, link.dataset.keyText, () => link.click());
}
