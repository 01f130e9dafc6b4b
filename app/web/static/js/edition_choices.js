/* The question that the server asks where a day has an edition already: resolves to a mode. */

import { moments } from "./dates.js";

/** Show the choices of a problem, and resolve to the mode and the edition that the reader takes. */
export function choose(problem) {
  const panel = document.querySelector("#choices");
  const there = problem.editions.find((one) => one.id === problem.edition) ?? problem.editions[0];
  const told = panel.querySelector(".there");
  told.firstElementChild.textContent = told.dataset.text
    .replace("{id}", there.id)
    .replace("{pages}", there.pages ?? told.dataset.unknown)
    .replace("{uploaded}", moments.format(new Date(there.uploaded_at)));
  told.querySelector("a").href = `/editions/${there.id}`;
  const modes = problem.choices.map((choice) => choice.mode);
  panel.hidden = false;
  panel.querySelector("h2").focus();
  return new Promise((resolve) => {
    for (const button of panel.querySelectorAll("button")) {
      button.closest("li").hidden = !modes.includes(button.value);
      button.onclick = () => {
        panel.hidden = true;
        resolve({ mode: button.value, edition: there.id });
      };
    }
  });
}
