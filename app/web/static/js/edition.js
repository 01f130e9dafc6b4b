/* The page of an edition: shows its pages as they are found, and goes to the editions of the days around. */

import { sayNext, send } from "./corrections.js";
import { showFound } from "./found.js";
import { keyboard } from "./keyboard.js";

/** Show how many pages are done, and those that are; load the page again when all are added up. */
function follow(panel) {
  const bar = panel.querySelector("progress");
  const done = panel.querySelector("[data-done]");
  const of = panel.querySelector("[data-of]");
  const events = new EventSource(panel.dataset.events);
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
    showFound(location.href);
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
