/* The menus of the header: arrow keys lead through them, Escape and a press elsewhere close them.

   They open without a script, as <details> of one name, one at a time. */

const menus = [...document.querySelectorAll("details.menu")];
const summaryOf = (menu) => menu.querySelector("summary");
const itemsOf = (menu) => [...menu.querySelectorAll(".pages :is(a, button, input:not([type=hidden]))")];

/** The element some steps from one in a list, round its ends. */
const beside = (list, one, steps) => list[(list.indexOf(one) + steps + list.length) % list.length];

function close(menu) {
  if (menu.contains(document.activeElement)) summaryOf(menu).focus();
  menu.open = false;
}

/** Go to an item of a menu; from its summary up to the last and down to the first. */
function step(menu, from, steps) {
  menu.open = true;
  const items = itemsOf(menu);
  if (items.includes(from)) beside(items, from, steps).focus();
  else items.at(steps > 0 ? 0 : -1)?.focus();
}

/** Go to the summary of the menu before or behind, and open it if this one is open. */
function turn(menu, steps) {
  const other = beside(menus, menu, steps);
  other.open = menu.open;
  menu.open = false;
  summaryOf(other).focus();
}

function press(menu, event) {
  const { target, key } = event;
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const isText = target.matches("input");
  if (key === "Escape" && menu.open) close(menu);
  else if (key === "ArrowDown") step(menu, target, 1);
  else if (key === "ArrowUp") step(menu, target, -1);
  else if (key === "ArrowRight" && !isText) turn(menu, 1);
  else if (key === "ArrowLeft" && !isText) turn(menu, -1);
  else if (key === "Home" && !isText && menu.open) itemsOf(menu)[0]?.focus();
  else if (key === "End" && !isText && menu.open) itemsOf(menu).at(-1)?.focus();
  else return;
  event.preventDefault();
  event.stopPropagation(); // the page has uses of its own for these keys
}

for (const menu of menus) {
  menu.addEventListener("keydown", (event) => press(menu, event));
  menu.addEventListener("focusout", ({ relatedTarget }) => {
    const hasLeft = relatedTarget && !menu.contains(relatedTarget);
    if (hasLeft && !relatedTarget.closest("dialog")) menu.open = false; // from a dialog the focus returns
  });
}
document.addEventListener("pointerdown", ({ target }) => {
  for (const menu of menus) if (!menu.contains(target)) menu.open = false;
});
