/* The codebook beside a desk: what counts and what does not, with photos that people have settled. */

/** Show the entry of a question; all entries where nothing is asked. */
export async function showCodebook(root, question) {
  if (document.querySelector("dialog[open]")) return;
  const before = document.activeElement;
  const dialog = document.querySelector("#book-dialog").content.firstElementChild.cloneNode(true);
  for (const entry of dialog.querySelectorAll("section")) entry.hidden = Boolean(question) && entry.dataset.question !== question;
  dialog.addEventListener("close", () => {
    dialog.remove();
    before?.focus?.();
  });
  document.body.append(dialog);
  dialog.showModal();
  if (!root.dataset.codebook) return;
  const query = new URLSearchParams({ coder: document.documentElement.dataset.coder ?? "" });
  const answer = await fetch(`${root.dataset.codebook}.json?${query}`).catch(() => null);
  const entries = answer?.ok ? (await answer.json()).entries : [];
  for (const entry of entries) {
    const place = dialog.querySelector(`section[data-question="${CSS.escape(entry.name)}"]`);
    place?.append(...entry.groups.map(group));
  }
  const shown = entries.filter((one) => !question || one.name === question);
  dialog.querySelector("[data-none]").hidden = shown.some((one) => one.groups.length);
}

function group({ text, photos }) {
  const figure = document.createElement("figure");
  const caption = document.createElement("figcaption");
  caption.textContent = text;
  const pictures = photos.map(({ image, place }) => Object.assign(new Image(), { src: image, alt: place, loading: "lazy" }));
  figure.append(caption, ...pictures);
  return figure;
}
