/* What the machine and other coders say of a photo, for a coder who has answered. */

import { FOCUS } from "./review_board.js";
import { filled, percent } from "./review_interval.js";

/** Ask what is said of a photo; null where the server can't tell. */
export async function askOthers(photo) {
  const answer = await fetch(`/api/v1/photos/${photo}/reviews`);
  return answer.ok ? answer.json() : null;
}

/** Say it in lines, as far as it is about a question. */
export function whatOthersSay(told, question, coder, board) {
  const measures = question === "focus" ? FOCUS.slice(0, 3).map((one) => `focus_${one}`) : [question];
  const chances = measures.filter((one) => one in told.machine).map((one) => {
    const name = question === "focus" ? `${board.answerText(one.replace("focus_", ""))} ` : "";
    return `${name}${percent(told.machine[one])}`;
  });
  const lines = [chances.length ? filled(board.words.probability, { p: chances.join(", ") }) : board.words.unknown];
  const others = told.reviews.filter((one) => !one.withdrawn_at && one.coder !== coder && measures.some((name) => name in one.answers));
  for (const one of others) {
    const shown = measures.find((name) => one.answers[name]);
    const word = question === "focus" ? (shown?.replace("focus_", "") ?? "unsure") : { true: "yes", false: "no" }[one.answers[question]] ?? "cant_tell";
    lines.push(saidBy({ ...one, answer: word }, board));
  }
  return others.length ? lines : [...lines, board.words.nobody];
}

/** Say what a coder has answered, with the note. */
export function saidBy({ coder, answer, note }, board) {
  return `${coder}: ${board.answerText(answer)}${note ? ` – ${note}` : ""}`;
}
