/* The photos of a publication, filtered in the browser: data come as a script, so that it works
   from a disk. The address says what is asked for, as the gallery of a server does. */

"use strict";

{
  const BATCH = 120; // photos that are listed at a time
  const ALL = ["subject", "figure", "label"]; // of several options, photos have all
  const { newspapers, photos, options } = globalThis.presslens.photos;
  const filter = document.querySelector("#filter");
  const tiles = document.querySelector("#tiles");
  const more = document.querySelector("#more");
  const count = document.querySelector("#count");
  const chosen = document.querySelector("#chosen");
  const everything = chosen.lastElementChild;
  const chip = document.querySelector("#chip").content.firstElementChild;
  const named = [...document.querySelector("#words").content.children];
  const words = new Map(named.map((one) => [one.dataset.key, one.textContent]));
  const { lang } = document.documentElement;
  const calendar = new Intl.DateTimeFormat(lang === "en" ? "en-GB" : lang, { dateStyle: "medium", timeZone: "UTC" });
  const members = new Map();
  for (const [name, values] of Object.entries(options)) {
    for (const [value, places] of Object.entries(values)) {
      members.set(`${name} ${value}`, new Set(places));
    }
  }

  const shows = (name, value, place) => members.get(`${name} ${value}`)?.has(place) ?? false;

  function matches(conditions, place, without) {
    const [, paper, edition, day, page] = photos[place];
    const one = (name) => (name === without ? null : conditions.get(name));
    if (one("publication") && newspapers[paper] !== conditions.get("publication")) return false;
    if (one("edition") && String(edition) !== conditions.get("edition")) return false;
    if (one("page") && String(page) !== conditions.get("page")) return false;
    if (one("from") && day < conditions.get("from")) return false;
    if (one("to") && day > conditions.get("to")) return false;
    return Object.keys(options).every((name) => {
      const values = name === without ? [] : conditions.getAll(name).filter(Boolean);
      if (!values.length) return true;
      const has = (value) => shows(name, value, place);
      return ALL.includes(name) ? values.every(has) : values.some(has);
    });
  }

  function tile(place) {
    const [id, , , , page, , words, note] = photos[place];
    const link = document.createElement("a");
    link.href = `${tiles.dataset.photos}/${id}.html`;
    const day = note.split("·").pop().trim();
    if (tiles.dataset.pictures) {
      const picture = document.createElement("img");
      picture.loading = "lazy";
      picture.src = `${tiles.dataset.pictures}/${id}-320.jpg`;
      picture.alt = tiles.dataset.text
        .replace("{page}", page)
        .replace("{day}", day)
        .replace("{words}", words);
      link.append(picture);
    } else {
      const text = document.createElement("span");
      text.className = "words";
      text.textContent = words;
      link.append(text);
    }
    const small = document.createElement("small");
    small.className = "quiet";
    small.textContent = note;
    if (tiles.dataset.pictures) small.ariaHidden = "true";
    if (!tiles.dataset.pictures) link.append(document.createElement("br"));
    link.append(small);
    const item = document.createElement("li");
    item.append(link);
    return item;
  }

  let matching = [];

  function list(from) {
    tiles.append(...matching.slice(from, from + BATCH).map(tile));
    more.hidden = from + BATCH >= matching.length;
  }

  function order(conditions) {
    const sort = conditions.get("sort") ?? "";
    if (sort === "date") matching.reverse();
    const way = { size: 1, "-size": -1 }[sort];
    if (way) matching.sort((a, b) => way * (photos[a][5] - photos[b][5]));
  }

  function day(text) {
    const date = new Date(text);
    return !text || Number.isNaN(date.getTime()) ? text || "…" : calendar.format(date);
  }

  /* List what is asked for, each condition with the way to leave it out. */
  function listConditions(pairs) {
    const days = pairs.filter(([name, value]) => value && (name === "from" || name === "to"));
    const others = pairs.filter(([name, value]) => value && words.has(name) && name !== "period");
    const conditions = others.map((one) => [...one, [one]]);
    if (days.length) {
      const { from, to } = Object.fromEntries(days);
      conditions.unshift(["period", `${day(from)}${words.get("between")}${day(to)}`, days]);
    }
    const chips = conditions.map(([name, value, parts]) => {
      const item = chip.cloneNode(true);
      const rest = new URLSearchParams(pairs.filter((one) => !parts.includes(one)));
      item.querySelector("a").href = `${location.pathname}?${rest}`;
      item.querySelector(".quiet").textContent = `${words.get(name)}:`;
      item.querySelector(".value").textContent = words.get(`${name} ${value}`) ?? value;
      return item;
    });
    chosen.replaceChildren(...chips, everything);
    chosen.hidden = !chips.length;
  }

  function show() {
    const conditions = new URLSearchParams(location.search);
    for (const input of filter.querySelectorAll("input, select")) {
      const values = conditions.getAll(input.name);
      if (input.type === "checkbox") input.checked = values.includes(input.value);
      else if (input.type === "radio") input.checked = (values[0] ?? "") === input.value;
      else input.value = values[0] ?? "";
    }
    const places = photos.keys();
    matching = [...places].filter((place) => matches(conditions, place, null));
    order(conditions);
    tiles.replaceChildren();
    list(0);
    const { one, many } = count.dataset;
    count.textContent = (matching.length === 1 ? one : many).replace("{n}", matching.length.toLocaleString(lang));
    document.querySelector("#nothing").hidden = matching.length > 0;
    listConditions([...conditions]);
    for (const one of filter.querySelectorAll(".count")) {
      const { name, value } = one.dataset;
      const without = ALL.includes(name) ? null : name;
      const has = (place) =>
        name === "publication" ? newspapers[photos[place][1]] === value : shows(name, value, place);
      const n = [...photos.keys()].filter((p) => matches(conditions, p, without) && has(p)).length;
      one.textContent = n.toLocaleString(lang);
    }
  }

  /* Only what is asked for stands in the address; the rest of it, an edition say, stays. */
  function choose() {
    const conditions = new URLSearchParams(location.search);
    const inputs = [...filter.querySelectorAll("input, select")];
    for (const { name } of inputs) conditions.delete(name);
    for (const input of inputs) {
      const chosen = input.type === "checkbox" || input.type === "radio" ? input.checked : true;
      if (chosen && input.value) conditions.append(input.name, input.value);
    }
    go(conditions);
  }

  function go(conditions) {
    const address = new URL(location.href);
    address.search = conditions.toString();
    try {
      history.pushState(null, "", address);
      show();
    } catch {
      location.assign(address); // a browser that lets files of a disk change no address
    }
  }

  filter.addEventListener("change", choose);
  more.querySelector("button").addEventListener("click", () => {
    const from = tiles.children.length;
    list(from);
    tiles.children[from]?.querySelector("a").focus();
  });
  addEventListener("popstate", show);
  filter.hidden = false;
  if (matchMedia("(min-width: 60rem)").matches) filter.querySelector("details").open = true;
  document.querySelector("#by-edition").hidden = true;
  show();
}
