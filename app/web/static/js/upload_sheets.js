/* The sheets of an upload: files in order, with a thumbnail and a page number each. */

const TOLD = /(?:^|[^a-z])(?:page|pg|p)[ _.-]*(\d{1,4})$/i; // as pipelines/scans/page_numbers.py reads names
const MONTH = "(?:0[1-9]|1[0-2])";
const OF_MONTH = "(?:0[1-9]|[12]\\d|3[01])";
const DAY = `(?<!\\d)(?:\\d{4}[-_.]?${MONTH}[-_.]?${OF_MONTH}|${OF_MONTH}[-_.]${MONTH}[-_.]\\d{4})`;
const BEHIND_DAY = new RegExp(`${DAY}[ _.-]+(\\d{1,4})(?:[ _.-][a-z])?$`, "i"); // likewise
const HIGHEST_TOLD = 300;
const HIGHEST_BEHIND_DAY = 64;
const ONE_PAGE = /\.(jpe?g|png|webp|jp2|j2k)$/i;
const HEAD = 16; // bytes that tell the format
const THUMB = 150; // pixels
const byName = new Intl.Collator(undefined, { numeric: true });

/** The number that the name of a file tells; null if none. */
export function toldNumber(name) {
  const stem = name.replace(/\.[^.]*$/, "");
  const named = TOLD.exec(stem);
  const found = named ?? BEHIND_DAY.exec(stem);
  const number = found && !name.includes("#") ? Number(found[1]) : 0;
  return number >= 1 && number <= (named ? HIGHEST_TOLD : HIGHEST_BEHIND_DAY) ? number : null;
}

/** The numbers that the names of all files tell, in their order; null if they don't. */
export function toldNumbers(names) {
  const numbers = names.map(toldNumber);
  if (numbers.includes(null) || new Set(numbers).size < numbers.length) return null;
  const isOrder = numbers.includes(1) && Math.max(...numbers) > 2 * numbers.length;
  return isOrder ? null : numbers;
}

export class Sheets {
  #form;
  #texts;
  #list;
  #edited = false;
  #dragged = null;
  #signatures;

  constructor(form, texts, editionsOf) {
    this.#form = form;
    this.#texts = texts;
    this.#list = form.querySelector("#sheets");
    this.#signatures = new RegExp(`^(?:${form.dataset.signatures})`, "s");
    const drop = form.querySelector("#drop");
    const [files, folder] = ["#files", "#folder"].map((id) => form.querySelector(id));
    files.addEventListener("change", () => {
      void this.add([...files.files]);
      files.value = ""; // what is chosen next is added
    });
    folder.addEventListener("change", async () => {
      const inside = [...folder.files].map((file) => ({ file, path: file.webkitRelativePath || file.name }));
      folder.value = "";
      await this.add(await editionsOf(inside));
    });
    drop.addEventListener("dragover", (event) => {
      event.preventDefault();
      drop.classList.add("over");
    });
    drop.addEventListener("dragleave", () => drop.classList.remove("over"));
    drop.addEventListener("drop", async (event) => {
      event.preventDefault();
      drop.classList.remove("over");
      const dropped = await droppedFiles(event.dataTransfer);
      const isFolder = dropped.some(({ path }) => path.includes("/"));
      await this.add(isFolder ? await editionsOf(dropped) : dropped.map(({ file }) => file));
    });
    this.#list.addEventListener("dragover", (event) => this.#over(event));
    this.#list.addEventListener("drop", (event) => this.#place(event));
  }

  get files() {
    return this.#items.map((item) => item.file);
  }

  /** The page numbers, where somebody has set them; null: the server reads the names. */
  get numbers() {
    if (!this.#edited || !this.#single) return null;
    return this.#items.map((item) => Number(item.querySelector("input").value));
  }

  /** Add the files that can be scans; the others are named, with the reason, and never sent. */
  async add(files) {
    const seen = files.filter((file) => !file.name.startsWith("."));
    seen.sort((a, b) => byName.compare(a.name, b.name));
    const faults = await Promise.all(seen.map((file) => this.#fault(file)));
    seen.forEach((file, i) => {
      if (!faults[i]) this.#list.append(this.#sheet(file));
    });
    const place = this.#form.querySelector("#not-taken");
    const lines = faults.filter(Boolean).map((fault) => {
      const line = document.createElement("li");
      line.textContent = fault;
      return line;
    });
    place.querySelector("ul").replaceChildren(...lines);
    place.hidden = lines.length === 0;
    this.#edited = false;
    this.#propose({ sort: true });
  }

  /** Why a file is not sent; "" if it can be a scan by its size and its first bytes. */
  async #fault(file) {
    const most = Number(this.#form.dataset.bytes);
    const texts = this.#form.querySelector("#not-taken").dataset;
    let fault = "";
    if (file.size === 0) fault = texts.empty;
    else if (file.size > most) fault = texts.large.replace("{most}", Math.floor(most / 2 ** 20));
    else if (!this.#signatures.test(await headOf(file))) fault = texts.unknown;
    return fault.replace("{name}", () => file.name);
  }

  /** Whether the sheets can be sent; the form says what is wrong. */
  check() {
    const files = this.files;
    const most = Number(this.#form.dataset.most);
    const input = this.#form.querySelector("#files");
    let fault = "";
    if (files.length > most) fault = this.#texts.many.replace("{most}", most);
    input.setCustomValidity(fault);
    this.#doubles();
    return this.#form.reportValidity();
  }

  get #items() {
    return [...this.#list.children];
  }

  /** Whether each file is one page, so that it can be numbered. */
  get #single() {
    return this.files.every((file) => ONE_PAGE.test(file.name));
  }

  #sheet(file) {
    const item = document.querySelector("#sheet").content.firstElementChild.cloneNode(true);
    item.file = file;
    item.querySelector(".name").textContent = file.name;
    for (const which of item.querySelectorAll(".which")) which.textContent = file.name;
    item.querySelector("input").addEventListener("input", () => {
      this.#edited = true;
      this.#doubles();
    });
    for (const button of item.querySelectorAll("[data-move]")) {
      button.addEventListener("click", () => this.#move(item, Number(button.dataset.move), button));
    }
    item.querySelector("[data-drop]").addEventListener("click", () => {
      const next = item.nextElementSibling ?? item.previousElementSibling;
      item.remove();
      this.#propose();
      (next?.querySelector("[data-drop]") ?? this.#form.querySelector("#files")).focus();
    });
    item.addEventListener("dragstart", (event) => {
      this.#dragged = item;
      event.dataTransfer.effectAllowed = "move";
      item.classList.add("dragged");
    });
    item.addEventListener("dragend", () => {
      this.#dragged = null;
      for (const one of this.#items) one.classList.remove("dragged", "target");
    });
    thumbnail(file, item.querySelector(".thumb"));
    return item;
  }

  #move(item, by, button) {
    const beside = by < 0 ? item.previousElementSibling : item.nextElementSibling;
    if (!beside) return;
    this.#reorder(() => (by < 0 ? beside.before(item) : beside.after(item)));
    button.focus();
  }

  #over(event) {
    if (!this.#dragged) return;
    event.preventDefault();
    const target = event.target.closest("li");
    for (const one of this.#items) one.classList.toggle("target", one === target);
  }

  #place(event) {
    const target = event.target.closest("li");
    if (!this.#dragged || !target || target === this.#dragged) return;
    event.preventDefault();
    const items = this.#items;
    const later = items.indexOf(this.#dragged) < items.indexOf(target);
    this.#reorder(() => (later ? target.after(this.#dragged) : target.before(this.#dragged)));
  }

  /** Change the order; the numbers stay where they are, so that each sheet gets that of its place. */
  #reorder(change) {
    const numbers = this.#items.map((item) => item.querySelector("input").value);
    change();
    this.#items.forEach((item, i) => {
      item.querySelector("input").value = numbers[i];
    });
    this.#edited = true;
    this.#doubles();
  }

  #propose({ sort = false } = {}) {
    const items = this.#items;
    const told = toldNumbers(items.map((item) => item.file.name));
    const single = this.#single;
    if (!this.#edited) {
      items.forEach((item, i) => {
        item.querySelector("input").value = told ? told[i] : i + 1;
      });
      const number = (item) => Number(item.querySelector("input").value);
      if (sort && told) this.#list.append(...items.sort((a, b) => number(a) - number(b)));
    }
    for (const item of items) item.querySelector("input").disabled = !single;
    this.#list.hidden = items.length === 0;
    this.#form.querySelector("#files").required = items.length === 0;
    this.#doubles();
  }

  #doubles() {
    const inputs = this.#items.map((item) => item.querySelector("input"));
    const values = inputs.map((input) => input.value);
    inputs.forEach((input, i) => {
      input.setCustomValidity(values.indexOf(input.value) === i ? "" : this.#texts.double);
    });
  }
}

/** Draw a small picture of a file where the browser can; else say what kind it is. */
async function thumbnail(file, place) {
  const kind = file.name.split(".").at(-1).toUpperCase();
  try {
    const bitmap = await createImageBitmap(file, { resizeWidth: THUMB, resizeQuality: "medium" });
    const canvas = document.createElement("canvas");
    canvas.width = bitmap.width;
    canvas.height = bitmap.height;
    canvas.getContext("2d").drawImage(bitmap, 0, 0);
    bitmap.close();
    place.replaceChildren(canvas);
  } catch {
    place.textContent = kind; // a PDF, a TIFF, or no picture: the server says so
  }
}

/** The first bytes of a file, a character each; "" if it can't be read. */
async function headOf(file) {
  const head = await file.slice(0, HEAD).arrayBuffer().catch(() => new ArrayBuffer(0));
  return String.fromCharCode(...new Uint8Array(head));
}

/** The files that were dropped, those of folders too, each with its path. */
async function droppedFiles(transfer) {
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry?.()).filter(Boolean);
  if (!entries.length) return [...transfer.files].map((file) => ({ file, path: file.name }));
  return (await Promise.all(entries.map(filesOf))).flat();
}

async function filesOf(entry) {
  if (entry.isFile) {
    const file = await new Promise((resolve, reject) => entry.file(resolve, reject));
    return [{ file, path: entry.fullPath.replace(/^\//, "") }];
  }
  const reader = entry.createReader();
  const found = [];
  for (;;) {
    const some = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
    if (!some.length) break;
    found.push(...some);
  }
  return (await Promise.all(found.map(filesOf))).flat();
}
