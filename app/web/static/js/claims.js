/* Help while a rule is typed: what it means or where it can't be read, and words that fit.

   Without this module the same is said when the form is sent. */

import { keyboard } from "./keyboard.js";

const PAUSE = 250; // milliseconds without a key until the rule is checked
const MOST = 8; // words that are suggested
const SHORTEST = 2; // characters typed before words are suggested
const LONGEST = 40; // characters of a word

const form = document.querySelector("#rule-form");
const field = form?.querySelector("#rule");
const said = form?.querySelector("#rule-check");
const suggestions = form?.querySelector("#suggestions");

const words = [...document.querySelectorAll("[data-word]")].map((one) => one.textContent);
let asked = 0;
let timer = 0;

/** What was typed before the cursor that words begin with, the longest there is, and those words. */
function typed() {
  const before = field.value.slice(0, field.selectionStart);
  for (let start = Math.max(0, before.length - LONGEST); start <= before.length - SHORTEST; start++) {
    if (start > 0 && /[\w.]/.test(before[start - 1])) continue;
    const text = before.slice(start);
    const fitting = words.filter((word) => word !== text && word.startsWith(text));
    if (fitting.length > 0) return { start, fitting };
  }
  return { start: before.length, fitting: [] };
}

/** Put a word in place of what was typed of it, with the cursor inside of its brackets. */
function insert(word) {
  const text = word.replace("(…)", "()");
  const { start, fitting } = typed();
  const from = fitting.includes(word) ? start : field.selectionStart;
  const padding = from > 0 && /[\w)"%]$/.test(field.value.slice(0, from)) ? " " : "";
  field.setRangeText(padding + text, from, field.selectionEnd, "end");
  if (text.endsWith("()")) field.selectionEnd = field.selectionStart = field.selectionEnd - 1;
  field.focus();
  changed();
}

function button(word) {
  const made = document.createElement("button");
  made.type = "button";
  made.textContent = word;
  made.addEventListener("click", () => insert(word));
  return made;
}

function suggest() {
  const { fitting } = typed();
  suggestions.replaceChildren(...fitting.slice(0, MOST).map(button));
  suggestions.hidden = fitting.length === 0;
}

async function check() {
  const mine = ++asked;
  const query = new URLSearchParams({ rule: field.value });
  const answer = await fetch(`${form.dataset.check}?${query}`);
  if (mine !== asked || !answer.ok) return;
  const text = await answer.text();
  if (mine !== asked) return;
  said.innerHTML = text; // this server's own page; the policy of trusted types looks at it
  field.setAttribute("aria-invalid", said.querySelector(".problem") ? "true" : "false");
}

function changed() {
  suggest();
  clearTimeout(timer);
  timer = setTimeout(check, PAUSE);
}

if (field) {
  field.addEventListener("input", changed);
  for (const one of document.querySelectorAll("[data-word]")) one.replaceWith(button(one.textContent));
  for (const link of document.querySelectorAll("[data-rule]")) {
    link.addEventListener("click", (event) => {
      event.preventDefault();
      field.value = link.dataset.rule;
      field.focus();
      changed();
    });
  }
  keyboard.on("w", form.querySelector("label[for=rule]").textContent, () => field.focus());
}
