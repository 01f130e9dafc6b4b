/* The question that the server asks where a day has an edition already: resolves to a mode. */

import { moments } from "./dates.js";

/** Show the choices of a problem, and resolve to the mode and the edition that the reader takes. */
export function choose(problem) {
  const panel = document.querySelector("#choices");
  const there = problem.editions.find((one) => one.id === problem.edition) ?? problem.editions[0];
  const told = panel.querySelector(".there");
  const { pages, photos } = problem.incoming;
  const values = {
    id: there.id,
    pages: there.pages,
    photos: there.photos,
    uploaded: moments.format(new Date(there.uploaded_at)),
    new_pages: pages,
    new_photos: photos,
  };
  told.firstElementChild.textContent = Object.entries(values).reduce(
    (text, [name, value]) => text.replace(`{${name}}`, value ?? told.dataset.unknown),
    told.dataset.text,
  );
  const stays = panel.querySelector(".stays");
  stays.hidden = !there.answers;
  stays.textContent = stays.dataset.text.replace("{n}", there.answers);
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
