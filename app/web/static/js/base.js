/* What every page loads: the policy of trusted types, the journal of this browser, which is sent by
   any page, a word for pictures that fail, menus, the search, tables of narrow windows, and the keys
   that lead to other pages. */

import "./trusted_types.js";
import "./journal_notice.js";
import { keyboard, showKeys } from "./keyboard.js";
import "./menu.js";
import { watchPictures } from "./pictures.js";
import { startSearch } from "./search.js";
import { watchTables } from "./tables.js";

const SECTIONS = { s: "/", t: "/timeline", p: "/gallery", c: "/compare", l: "/claims", f: "/figures", v: "/review", h: "/edits", r: "/runs", e: "/export", m: "/method" };

/* The names of the sections are those of the menu, in the language of the page. */
const links = new Map(
  [...document.querySelectorAll(".top a")].map((link) => [link.getAttribute("href"), link]),
);
const keysTitle = document.querySelector("#keys-dialog")?.content.querySelector("h2");
keyboard.on("?", keysTitle?.textContent.trim() ?? "?", showKeys);
for (const [key, address] of Object.entries(SECTIONS)) {
  const link = links.get(address);
  if (link) keyboard.on(`g ${key}`, link.dataset.name ?? link.textContent.trim(), () => link.click());
}
if (document.querySelector("form.find")) startSearch(document.querySelector("form.find"));
watchPictures();
watchTables();
