/* Labels: made by name, and learnt of what people have answered about photos. */

import { askCoder, say, send, undoByKey } from "./corrections.js";
import { follow } from "./figures.js";

const make = document.querySelector("#make");
if (make) {
  make.hidden = false;
  make.addEventListener("submit", async (event) => {
    event.preventDefault();
    const coder = await askCoder();
    if (!coder) return;
    const { name } = Object.fromEntries(new FormData(make));
    try {
      await send("POST", "/api/v1/labels", { name, coder });
      location.assign(make.dataset.page.replace("NAME", name));
    } catch {
      make.querySelector("input").focus();
    }
  });
}

const learn = document.querySelector("#learn");
if (learn) {
  learn.hidden = false;
  learn.addEventListener("submit", async (event) => {
    event.preventDefault();
    const coder = await askCoder();
    if (!coder) return;
    try {
      const told = await send("POST", learn.dataset.address, { coder });
      say(learn.dataset.asked, { edit: told.edit });
      follow(document.querySelector("#progress"), true);
    } catch {
      learn.querySelector("button").focus();
    }
  });
  follow(document.querySelector("#progress"));
}
if (make || learn) undoByKey();
