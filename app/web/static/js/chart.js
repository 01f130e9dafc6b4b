/* Charts: drawn from the Vega-Lite specification at the address that each names.

   A point is a link; a brushed interval fills the days of the form and sends it. The table beside
   a chart says and does the same without a pointer. */

import "./trusted_types.js";

const DAY = 86_400_000; // milliseconds
const CLOSE = 92; // days: of so few, each edition is shown
const PATIENCE = 60_000; // milliseconds that a chart's data may take
const OPTIONS = {
  ast: true, // without eval, which the policy of the site forbids
  actions: false,
  defaultStyle: false,
  renderer: "svg",
  tooltip: { disableDefaultStyle: true },
};

const dark = matchMedia("(prefers-color-scheme: dark)");

/** The ground that the page has: "light" or "dark". */
export function theme() {
  return document.documentElement.dataset.theme ?? (dark.matches ? "dark" : "light");
}

/** The first and the last whole day of a brushed interval, in milliseconds, as YYYY-MM-DD. */
export function daysOf([from, to]) {
  const day = (time) => new Date(time).toISOString().slice(0, 10);
  const first = Math.ceil(from / DAY) * DAY;
  return [day(first), day(Math.max(first, Math.floor(to / DAY) * DAY))];
}

/** Show only some days: the form gets them, and few of them are shown edition by edition. */
export function choose(form, [first, last]) {
  form.elements.from.value = first;
  form.elements.to.value = last;
  const by = form.elements.by;
  const days = (Date.parse(last) - Date.parse(first)) / DAY;
  if (["week", "month"].includes(by?.value) && days <= CLOSE) by.value = "edition";
  form.requestSubmit();
}

function followBrush(view, plot, form) {
  const button = document.createElement("button");
  button.type = "button";
  let days = null;
  button.addEventListener("click", () => choose(form, days));
  view.addSignalListener("brush", (_name, interval) => {
    const span = Object.values(interval ?? {})[0];
    days = span ? daysOf(span.map(Number)) : null;
    if (!days) return button.remove();
    button.textContent = `${plot.dataset.brush}: ${days.join(plot.dataset.between)}`;
    plot.after(button);
  });
  // Letting go is choosing; the button is for who wants to move the ends of the interval first.
  plot.addEventListener("pointerup", () => setTimeout(() => days && choose(form, days), 600));
}

/** Show the picture that the server draws, where the browser can't draw. */
function fail(plot) {
  const picture = document.createElement("img");
  picture.alt = "";
  picture.src = plot.dataset.picture;
  const said = document.createElement("p");
  said.className = "hint";
  said.textContent = plot.dataset.failed;
  picture.addEventListener("error", () => plot.replaceChildren(said));
  plot.replaceChildren(picture);
  plot.dataset.drawn = theme();
}

async function draw(plot) {
  const address = new URL(plot.dataset.spec, location.href);
  address.searchParams.set("theme", theme());
  const answer = await fetch(address, { signal: AbortSignal.timeout(PATIENCE) });
  if (!answer.ok) throw new Error(`chart: ${answer.status}`);
  const spec = await answer.json();
  spec.config.font = getComputedStyle(document.body).fontFamily;
  // The caption and the table say what the drawing shows; its hundreds of marks would be noise.
  const drawing = document.createElement("div");
  drawing.ariaHidden = "true";
  plot.replaceChildren(drawing);
  const { view } = await vegaEmbed(drawing, spec, OPTIONS);
  const form = document.querySelector("#ask");
  if (plot.dataset.brush && form) followBrush(view, plot, form);
  plot.dataset.drawn = theme();
}

async function drawAll() {
  for (const plot of document.querySelectorAll(".plot[data-spec]")) await draw(plot).catch(() => fail(plot));
}

drawAll();
dark.addEventListener("change", drawAll);
