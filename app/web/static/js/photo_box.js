/* A box that a reader draws on a photo: by dragging, or by keys alone. */

const SVG = "http://www.w3.org/2000/svg";
const STEP = 0.02; // of the photo's longer side, for each key

/** Let the reader draw a box; resolves to [x0, y0, x1, y1] in the units of the drawing, or null. */
export function drawBox(svg, label) {
  const view = svg.viewBox.baseVal;
  const step = STEP * Math.max(view.width, view.height);
  const rect = document.createElementNS(SVG, "rect");
  rect.setAttribute("class", "drawn");
  svg.append(rect);
  svg.removeAttribute("aria-hidden");
  const attributes = { role: "application", tabindex: "0", "aria-label": label, "data-own-keys": "" };
  for (const [name, value] of Object.entries(attributes)) svg.setAttribute(name, value);
  svg.classList.add("drawing");
  let box = [view.x + view.width / 3, view.y + view.height / 4, view.x + (2 * view.width) / 3, view.y + (3 * view.height) / 4];
  const inside = ([x0, y0, x1, y1]) => [
    Math.max(x0, view.x), Math.max(y0, view.y), Math.min(x1, view.x + view.width), Math.min(y1, view.y + view.height),
  ];

  function set(next) {
    const [x0, y0, x1, y1] = inside(next);
    if (x1 - x0 < 1 || y1 - y0 < 1) return;
    box = [x0, y0, x1, y1];
    for (const [name, value] of [["x", x0], ["y", y0], ["width", x1 - x0], ["height", y1 - y0]]) rect.setAttribute(name, value);
  }

  const at = (event) => {
    const place = svg.getBoundingClientRect();
    return [
      view.x + ((event.clientX - place.left) / place.width) * view.width,
      view.y + ((event.clientY - place.top) / place.height) * view.height,
    ];
  };

  return new Promise((resolve) => {
    const ended = new AbortController();
    const on = (name, action) => svg.addEventListener(name, action, { signal: ended.signal });
    let from = null;

    function end(result) {
      ended.abort();
      rect.remove();
      svg.classList.remove("drawing");
      for (const name of Object.keys(attributes)) svg.removeAttribute(name);
      svg.setAttribute("aria-hidden", "true");
      resolve(result);
    }

    const moves = {
      ArrowLeft: [-step, 0, -step, 0], ArrowRight: [step, 0, step, 0], ArrowUp: [0, -step, 0, -step], ArrowDown: [0, step, 0, step],
      "+": [-step, -step, step, step], "-": [step, step, -step, -step],
    };
    on("keydown", (event) => {
      if (event.key === "Enter") end(box);
      else if (event.key === "Escape") end(null);
      else if (moves[event.key]) set(box.map((edge, i) => edge + moves[event.key][i]));
      else return;
      event.preventDefault();
    });
    on("pointerdown", (event) => {
      from = at(event);
      svg.setPointerCapture(event.pointerId);
    });
    on("pointermove", (event) => {
      if (!from) return;
      const to = at(event);
      set([Math.min(from[0], to[0]), Math.min(from[1], to[1]), Math.max(from[0], to[0]), Math.max(from[1], to[1])]);
    });
    on("pointerup", () => from && end(box));
    set(box);
    svg.focus({ preventScroll: true });
    svg.scrollIntoView({ block: "center", behavior: "instant" }); // a drag begins where it is seen
  });
}
