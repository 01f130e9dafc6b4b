/* Figures: enrolling by photos, references, and one key to confirm or reject a sighting. */

import { askCoder, coder, latestEdit, say, send, undoByKey } from "./corrections.js";
import { outbox, redoByKey, submit, undoLatest } from "./journal_sender.js";
import { keyboard } from "./keyboard.js";

const FIGURES = "/api/v1/figures";
const POLL_MS = 2000;
const busy = (form, is) => {
  form.querySelector("button").disabled = is;
  form.toggleAttribute("aria-busy", is);
};

function photosOf(form) {
  const files = new FormData();
  for (const file of form.querySelector("[type=file]").files) files.append("files", file);
  files.append("coder", coder());
  return files;
}

/** Take the files that are dropped anywhere in the dashed area. */
function takeDrops(area) {
  const input = area.querySelector("[type=file]");
  const over = (is) => area.classList.toggle("over", is);
  area.addEventListener("dragover", (event) => {
    event.preventDefault();
    over(true);
  });
  area.addEventListener("dragleave", () => over(false));
  area.addEventListener("drop", (event) => {
    event.preventDefault();
    over(false);
    if (event.dataTransfer.files.length) input.files = event.dataTransfer.files;
  });
}

/** Do what a form asks for, in the reader's name; what fails is said, and can be tried again. */
function onSubmit(form, action) {
  form.hidden = false;
  form.querySelectorAll(".drop").forEach(takeDrops);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (!(await askCoder())) return;
    busy(form, true);
    try {
      await action();
    } catch {
      busy(form, false);
    }
  });
}

const enrol = document.querySelector("#enrol");
if (enrol) {
  onSubmit(enrol, async () => {
    const form = new FormData(enrol);
    const { name, role, public_role } = Object.fromEntries(form);
    const publications = form.getAll("publications");
    const figure = await send("POST", FIGURES, { name, role, publications, public_role, coder: coder() });
    await send("POST", `${FIGURES}/${figure.id}/references`, photosOf(enrol));
    location.assign(`${enrol.dataset.figurePage.replace(/0$/, figure.id)}#references`);
  });
}

const roles = document.querySelector("#role-form");
if (roles) {
  onSubmit(roles, async () => {
    const chosen = [...roles.querySelectorAll("select")].filter((one) => one.value !== one.dataset.before);
    for (const { name, value } of chosen) {
      const given = { role: value, publications: [name], coder: coder() };
      await send("PATCH", `${FIGURES}/${roles.dataset.figure}`, given);
    }
    location.reload();
  });
}

const more = document.querySelector("#more");
if (more) {
  onSubmit(more, async () => {
    await send("POST", more.dataset.references, photosOf(more));
    location.reload();
  });
  for (const button of document.querySelectorAll("[data-vouch]")) {
    button.addEventListener("click", async () => {
      const name = await askCoder();
      if (!name) return;
      await send("POST", `${more.dataset.references}/${button.dataset.vouch}/vouch`, { coder: name });
      location.reload();
    });
  }
  for (const button of document.querySelectorAll("[data-remove]")) {
    button.addEventListener("click", async () => {
      const name = await askCoder();
      if (!name) return;
      const who = new URLSearchParams({ coder: name });
      await send("DELETE", `${more.dataset.references}/${button.dataset.remove}?${who}`);
      const row = button.closest("tr");
      const next = (row.nextElementSibling ?? row.previousElementSibling)?.querySelector("[data-remove]");
      row.remove();
      const left = [...document.querySelectorAll("[data-status]")];
      const used = document.querySelector("#used");
      used.textContent = used.dataset.text
        .replace("{used}", left.filter((one) => one.dataset.status === "done").length)
        .replace("{n}", left.length);
      (next ?? more.querySelector("input")).focus();
      say(more.dataset.removed, { edit: latestEdit() });
      // What was never used changes nothing: then nothing waits, and no progress is told.
      follow(document.querySelector("#progress"), row.dataset.status === "done");
    });
  }
  document.addEventListener("undone", () => location.reload());
  follow(document.querySelector("#progress"));
}

/** Say how far workers have come, as long as something waits. */
export async function follow(place, begun = false) {
  let warning = null;
  let waited = begun || Number(document.querySelector(".references")?.dataset.waiting ?? 0) > 0;
  let idle = 0; // a worker that has read references takes a moment to line up the pages
  for (;;) {
    const answer = await fetch(place.dataset.work).catch(() => null);
    if (!answer) return;
    const { waiting } = await answer.json();
    const left = [["references", place.dataset.references], ["relearn", place.dataset.learning ?? ""], ["interpret", place.dataset.pages], ["summarise", place.dataset.editions]]
      .filter(([kind]) => waiting?.[kind] > 0)
      .map(([kind, text]) => `${text} ${waiting[kind]}.`);
    if (left.length) {
      waited = true;
      place.textContent = left.join(" ");
      idle = 0;
    } else if (waited && (idle += 1) > 1) {
      place.textContent = `${place.dataset.done} `;
      const link = document.createElement("a");
      link.href = location.pathname + location.search;
      link.textContent = place.dataset.reload;
      place.append(link);
      document.querySelector("#reason")?.remove(); // why a label waited
    }
    if (waited && !(waiting?.references > 0)) {
      warning ??= await resemblance(place);
      place.prepend(warning);
    }
    place.hidden = !waited;
    if (!left.length && (!waited || idle > 1)) return;
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

/** Which other figures the references look like, in words; "" if none. */
async function resemblance(place) {
  const answer = place.dataset.figure && (await fetch(place.dataset.figure).catch(() => null));
  const references = answer?.ok ? (await answer.json()).references : [];
  const names = [...new Set(references.map((one) => one.resembles).filter(Boolean))];
  return names.map((name) => `${place.dataset.resembles.replace("{name}", name)} `).join("");
}

/* A sighting is confirmed or rejected by one key, or by its buttons. */
const list = document.querySelector(".sightings[data-measure]");
if (list) {
  const links = [...list.querySelectorAll("li > a")];
  const at = () => links.findIndex((link) => link.parentElement.contains(document.activeElement));
  const step = (by) => links[Math.min(Math.max(at() + by, 0), links.length - 1)]?.focus();

  async function answer(item, shows) {
    if (!(await askCoder())) return;
    const href = item.querySelector("a").getAttribute("href");
    const id = href.split("/").at(-1);
    const text = shows ? list.dataset.yes : list.dataset.no;
    const body = { answers: { [list.dataset.measure]: shows } };
    const told = await submit({ address: `/api/v1/photos/${id}/reviews`, body, about: `photo ${id}`, text, href });
    if (told) say(text, { edit: told.edit });
  }

  function mark(item, told) {
    const settled = told.settled[list.dataset.measure];
    if (settled) item.dataset.settled = settled.shows ? "yes" : "no";
    else delete item.dataset.settled;
    for (const button of item.querySelectorAll("button")) {
      button.setAttribute("aria-pressed", String(item.dataset.settled === button.dataset.shows));
    }
  }

  for (const item of list.children) {
    const group = document.createElement("span");
    group.className = "answers";
    group.setAttribute("role", "group");
    group.setAttribute("aria-label", list.dataset.question);
    for (const [shows, text] of [["yes", list.dataset.yesShort], ["no", list.dataset.noShort]]) {
      const button = document.createElement("button");
      button.type = "button";
      button.dataset.shows = shows;
      button.textContent = text;
      button.setAttribute("aria-pressed", String(item.dataset.settled === shows));
      button.addEventListener("click", () => answer(item, shows === "yes").catch(() => {}));
      group.append(button);
    }
    item.append(group);
  }
  const onCurrent = (shows) => () => {
    const item = links[at()]?.parentElement;
    if (!item) return false;
    return answer(item, shows).then(() => step(1)).catch(() => {});
  };
  keyboard.on("j", list.dataset.next, () => step(1)).on("k", list.dataset.previous, () => step(-1));
  keyboard.on("y", list.dataset.yes, onCurrent(true)).on("n", list.dataset.no, onCurrent(false));
  outbox.addEventListener("stored", ({ detail: { entry, result } }) => {
    const item = [...list.children].find((one) => entry.about === `photo ${one.querySelector("a").getAttribute("href").split("/").at(-1)}`);
    if (item && result?.photo) mark(item, result.photo);
  });
  document.addEventListener("undone", async ({ detail }) => {
    const item = [...list.children].find((one) => one.querySelector(`a[href$="/${detail.target_id}"]`));
    if (!item || detail.target !== "photo") return;
    const told = await fetch(`/api/v1/photos/${detail.target_id}/reviews`);
    if (told.ok) mark(item, await told.json());
  });
}
if (more || enrol) {
  undoByKey(undoLatest);
  redoByKey();
}
