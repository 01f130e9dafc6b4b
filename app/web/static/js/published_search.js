/* Search in a publication: all entries are at hand as a script, and are looked through one by one. */

"use strict";

{
  const MOST = 200; // results that are listed
  const PAUSE = 150; // milliseconds after a key before the search begins
  const entries = globalThis.presslens.search;
  const field = document.querySelector("#words");
  const status = document.querySelector("#found");
  const results = document.querySelector("#results");
  const fold = (text) => text.normalize("NFKC").toLowerCase();
  const texts = entries.map(([, , heading, text]) => fold(`${heading} ${text}`));

  function item([kind, file, heading, text]) {
    const link = document.createElement("a");
    link.href = file;
    link.textContent = heading;
    link.dir = "auto";
    const of = document.createElement("span");
    of.className = "kind";
    of.textContent = `${results.dataset[kind]} `;
    const line = document.createElement("li");
    line.append(of, link);
    if (text && kind !== "edition") {
      const small = document.createElement("small");
      small.className = "quiet";
      small.textContent = ` ${text}`;
      line.append(document.createElement("br"), small);
    }
    return line;
  }

  function search() {
    const words = fold(field.value).split(/\s+/).filter(Boolean);
    const hits = words.length
      ? entries.filter((_, i) => words.every((word) => texts[i].includes(word)))
      : [];
    results.replaceChildren(...hits.slice(0, MOST).map(item));
    const { none, one, many, first } = status.dataset;
    const sentence = hits.length === 0 ? none : hits.length === 1 ? one : hits.length > MOST ? first : many;
    status.textContent = words.length
      ? sentence.replace("{n}", hits.length).replace("{shown}", MOST)
      : "";
  }

  /* The address says what is looked for. */
  function keep() {
    const address = new URL(location.href);
    if (field.value) address.searchParams.set("q", field.value);
    else address.searchParams.delete("q");
    try {
      history.replaceState(null, "", address);
    } catch {
      // A browser that lets files of a disk change no address.
    }
  }

  let waiting = 0;
  field.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(() => {
      search();
      keep();
    }, PAUSE);
  });
  const query = new URLSearchParams(location.search).get("q");
  document.querySelector("#search").hidden = false;
  if (query) {
    field.value = query;
    search();
  }
}
