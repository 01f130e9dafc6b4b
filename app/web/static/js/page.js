/* The page of a page: layers of boxes, deep zoom, and the list beside the scan, linked both ways. */

import { keyboard } from "./keyboard.js";
import { zoomable } from "./zoom_controls.js";

const stage = document.querySelector("#stage");
const told = document.querySelector(".told");

for (const [key, rel] of [["j", "next"], ["k", "prev"]]) {
  const link = document.querySelector(`.beside a[rel=${rel}]`);
  if (link) keyboard.on(key, link.dataset.keyText, () => link.click());
}

/* What is in view stays in view when the photos are corrected. */
const correct = document.querySelector("a.correct");
if (correct) {
  correct.addEventListener("click", () => { correct.hash = location.hash; });
  keyboard.on("e", correct.dataset.keyText, () => correct.click());
}

if (stage) {
  const links = [...stage.querySelectorAll(".boxes a")];
  const places = new Map(links.map((link) => [link, placeOf(link.firstElementChild)]));
  const byAnchor = Map.groupBy
    ? Map.groupBy(links, (link) => link.dataset.anchor)
    : grouped(links, (link) => link.dataset.anchor);
  const layers = document.querySelector(".layers");

  const visible = () => links.filter((link) => !link.parentElement.hasAttribute("display"));

  /* Layers: the boxes of the checked ones are shown, and the address says which. */
  layers.addEventListener("change", () => {
    const chosen = [...layers.querySelectorAll("input:checked")].map((input) => input.value);
    for (const group of stage.querySelectorAll("[data-layer]")) {
      if (chosen.includes(group.dataset.layer)) group.removeAttribute("display");
      else group.setAttribute("display", "none");
    }
    const query = new URLSearchParams(location.search);
    query.delete("layer");
    for (const layer of chosen.length ? chosen : ["none"]) query.append("layer", layer);
    history.replaceState(history.state, "", `?${query}${location.hash}`);
  });

  /* What is marked on the scan is marked in the list, and the other way round. */
  let marked = null;
  const mark = (anchor, words = "") => {
    if (anchor !== marked) {
      for (const one of document.querySelectorAll(".marked")) one.classList.remove("marked");
      if (anchor) {
        document.getElementById(anchor)?.classList.add("marked");
        byAnchor.get(anchor)?.[0].classList.add("marked");
      }
      marked = anchor;
    }
    told.textContent = words || "\u00a0";
  };

  for (const link of links) {
    const tell = () => mark(link.dataset.anchor, link.getAttribute("aria-label"));
    link.addEventListener("pointerenter", tell);
    link.addEventListener("focus", () => {
      tell();
      scan?.reveal(places.get(link));
    });
    link.addEventListener("blur", () => mark(null));
  }
  const items = document.querySelectorAll(".list-side [data-box]");
  for (const item of items) {
    const tell = () => mark(item.id, byAnchor.get(item.id)?.[0].getAttribute("aria-label"));
    item.addEventListener("pointerenter", tell);
    item.addEventListener("focusin", tell);
    item.addEventListener("pointerleave", () => mark(null));
    item.addEventListener("focusout", () => mark(null));
  }

  const scan = window.OpenSeadragon ? pointed() : null;

  function pointed() {
    const made = zoomable(stage, { failed: (error) => { told.textContent = error.message; } });

    let over = null;
    stage.addEventListener("pointermove", (event) => {
      if (event.buttons) return;
      const found = made.under(event.clientX, event.clientY, visible().map((link) => [link, places.get(link)]));
      if (found === over) return;
      over = found;
      stage.classList.toggle("over-box", Boolean(found));
      mark(found?.dataset.anchor ?? null, found?.getAttribute("aria-label"));
    });
    stage.addEventListener("pointerleave", () => {
      over = null;
      mark(null);
    });
    made.viewer.addHandler("canvas-click", (event) => {
      if (!event.quick) return;
      const { clientX, clientY } = event.originalEvent;
      const found = made.under(clientX, clientY, visible().map((link) => [link, places.get(link)]));
      if (found) follow(found, event.originalEvent);
    });
    for (const item of items) {
      const button = item.querySelector(".show-box");
      button.hidden = false;
      button.addEventListener("click", () => {
        const [x0, y0, x1, y1] = item.dataset.box.split(",").map(Number);
        made.show([x0, y0, x1 - x0, y1 - y0], { margin: 0.15 });
        stage.focus({ preventScroll: true });
        stage.scrollIntoView({ block: "nearest" });
        mark(item.id);
      });
    }
    return made;
  }

  function follow(link, event) {
    const address = link.getAttribute("href");
    if (address.startsWith("#")) {
      const item = document.querySelector(address);
      item?.scrollIntoView({ block: "nearest" });
      mark(address.slice(1), link.getAttribute("aria-label"));
    } else if (event.ctrlKey || event.metaKey) {
      window.open(address);
    } else {
      location.assign(address);
    }
  }
}

function placeOf(rect) {
  return ["x", "y", "width", "height"].map((name) => Number(rect.getAttribute(name)));
}

function grouped(items, key) {
  const groups = new Map();
  for (const item of items) groups.set(key(item), [...(groups.get(key(item)) ?? []), item]);
  return groups;
}
