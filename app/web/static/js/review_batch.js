/* The desk as a file of its own, without a server: its answers are saved as a file. */

import { say } from "./corrections.js";
import { keyboard, showKeys } from "./keyboard.js";
import { toSend } from "./review_answer.js";
import { Desk } from "./review_desk.js";
import { filled } from "./review_interval.js";

const root = document.querySelector("#desk");
const data = JSON.parse(document.querySelector("#batch").textContent);
const title = document.querySelector("#keys-dialog").content.querySelector("h2");

/** Save the decisions that count as a file, for the page of the sample. */
function save() {
  const answers = desk.decisions.map(toSend);
  const file = `presslens-${data.sample.id}-${data.coder.replace(/[^\w-]/g, "_")}.json`;
  const given = { presslens: "answers", sample: data.sample.id, name: data.sample.name, coder: data.coder, answers };
  const link = document.createElement("a");
  link.download = file;
  link.href = URL.createObjectURL(new Blob([JSON.stringify(given, null, 1)], { type: "application/json" }));
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60000);
  say(filled(root.dataset.saved, { n: answers.length, file }));
}

const desk = new Desk(root, data.coder, { save });
keyboard.on("?", title.textContent, showKeys);
desk.begin({ ...data, disputes: [] });
