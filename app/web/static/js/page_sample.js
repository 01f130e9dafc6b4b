/* The way through the drawn pages of a sample, and what was said on the page before. */

import { coder, say } from "./corrections.js";

const AHEAD = 3; // items that are looked at for the next page

/** Return the address of the next page of a sample that the coder is to look at; null without one. */
export async function nextOfSample(sample, page, here) {
  const query = new URLSearchParams({ coder: coder(), limit: AHEAD });
  const answer = await fetch(`/api/v1/samples/${sample}/next?${query}`);
  if (!answer.ok) return null;
  const { items } = await answer.json();
  const at = items.findIndex((item) => item.page === page);
  const next = [...items.slice(at + 1), ...items.slice(0, Math.max(at, 0))].find((item) => item.page);
  return next ? `${here.replace(/\d+$/, next.page)}?mode=correct&sample=${sample}` : null;
}

/** Say something on the page that is opened next. */
export function sayAfterwards(text, edit) {
  sessionStorage.setItem("said", JSON.stringify({ text, edit }));
}

/** Say what was done on the page before. */
export function saySaid() {
  const said = JSON.parse(sessionStorage.getItem("said") ?? "null");
  sessionStorage.removeItem("said");
  if (said) say(said.text, { edit: said.edit });
}
