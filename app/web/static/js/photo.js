/* The page of a photo: boxes on and off, and the photos before and after by key. */

import { keyboard } from "./keyboard.js";

for (const [key, rel] of [["j", "next"], ["k", "prev"]]) {
  const link = document.querySelector(`.beside a[rel=${rel}]`);
  if (link) keyboard.on(key, link.dataset.keyText, () => link.click());
}

const label = document.querySelector(".with-boxes");
const crop = document.querySelector(".crop");
if (label && crop.querySelector("rect")) {
  const box = label.querySelector("input");
  label.hidden = false;
  box.addEventListener("change", () => crop.classList.toggle("plain", !box.checked));
  keyboard.on("b", label.textContent.trim(), () => box.click());
}
