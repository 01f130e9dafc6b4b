/* Where people say that figures stand: dashed boxes on the photo, and a line and a button for each. */

const SVG = "http://www.w3.org/2000/svg";
const list = document.querySelector(".stands");
const drawing = document.querySelector(".crop svg");

function box([x0, y0, x1, y1]) {
  const rect = document.createElementNS(SVG, "rect");
  const sides = { class: "figures placed", x: x0, y: y0, width: x1 - x0, height: y1 - y0 };
  for (const [name, value] of Object.entries(sides)) rect.setAttribute(name, value);
  return rect;
}

/** Give each line a button; `change` is called with the measure whose place is to be changed. */
export function offerChanges(change) {
  for (const line of list?.children ?? []) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = list.dataset.change;
    button.addEventListener("click", () => change(line.dataset.measure));
    line.append(" ", button);
  }
}

/** Show the places as the server tells them now; `nameOf` gives the name of a measure. */
export function showPlaces(places, nameOf, change) {
  if (!list) return;
  for (const old of drawing.querySelectorAll(".placed")) old.remove();
  drawing.append(...places.map((one) => box(one.box)));
  const lines = places.map((one) => {
    const line = document.createElement("li");
    line.dataset.measure = one.measure;
    line.textContent = list.dataset.text.replace("{name}", nameOf(one.measure)).replace("{coder}", one.coder);
    return line;
  });
  list.replaceChildren(...lines);
  offerChanges(change);
}
