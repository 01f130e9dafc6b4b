/* Training: the buttons of a question have the keys of the desk; each answer loads what is known. */

import { DeskKeys } from "./review_keys.js";

const root = document.querySelector("#desk");
const actions = {};
for (const button of root.querySelectorAll("[data-do]")) {
  if (button.form) button.type = "button"; // sent below, whether it is pressed or its key
  actions[button.dataset.do] = () => {
    if (!button.form) return location.assign(button.href);
    button.form.append(Object.assign(document.createElement("input"), { type: "hidden", name: "answer", value: button.value }));
    return button.form.submit();
  };
}
new DeskKeys(root, actions);
