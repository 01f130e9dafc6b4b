/* The buttons, the keys and the address of a scan with deep zoom. */

import { keyboard } from "./keyboard.js";
import { ZoomedScan } from "./zoomed_scan.js";

const KEYS = { in: "+", out: "-", fit: "0", left: "ArrowLeft", right: "ArrowRight", up: "ArrowUp", down: "ArrowDown" };

/** Make a stage zoom; `failed` is called if its tiles can't be had.

    With `arrows` false, the keys of arrows are left to the page. */
export function zoomable(stage, { arrows = true, failed = () => {} } = {}) {
  const zoom = document.querySelector(".zoom");
  const output = zoom.querySelector("output");
  const percent = new Intl.NumberFormat(document.documentElement.lang, { style: "percent", maximumFractionDigits: 0 });
  const settled = (region, scale) => {
    output.textContent = output.dataset.label.replace("{}", percent.format(scale));
    const whole = region[2] === made.width && region[3] === made.height;
    const hash = whole ? "" : `#xywh=${region.join(",")}`;
    history.replaceState(history.state, "", `${location.pathname}${location.search}${hash}`);
  };
  const made = new ZoomedScan(stage, { openSeadragon: window.OpenSeadragon, settled });
  const fromAddress = (atOnce) => {
    const found = /^#xywh=(\d+),(\d+),(\d+),(\d+)$/.exec(location.hash);
    if (found && Number(found[3]) && Number(found[4])) made.show(found.slice(1).map(Number), { atOnce });
  };
  made.opened.then(() => {
    fromAddress(true);
    zoom.hidden = false;
    window.addEventListener("hashchange", () => fromAddress(false));
  }, failed);

  for (const button of zoom.querySelectorAll("[data-do]")) {
    const act = button.dataset.do;
    button.addEventListener("click", () => made[act]());
    const pans = KEYS[act].startsWith("Arrow");
    if (pans && !arrows) continue;
    keyboard.on(KEYS[act], button.dataset.keyText, () => {
      // Arrows scroll the page unless the scan is what is being looked at.
      if (pans && !stage.contains(document.activeElement)) return false;
      if (document.activeElement === document.body) stage.focus({ preventScroll: true });
      made[act]();
    });
  }
  keyboard.on("=", zoom.querySelector("[data-do=in]").dataset.keyText, () => made.in());
  stage.tabIndex = 0;
  stage.setAttribute("role", "group");
  stage.setAttribute("aria-label", stage.querySelector("img").alt);
  return made;
}
