/* Tables that a narrow window would cut: each row below the other, a column's name before its cell. */

const narrow = matchMedia("(max-width: 40rem)");
const SLIM = 120; // pixels of a column
const MOST_LINES = 4; // lines that a cell of a slim column may have

/** Whether columns are beyond the edge, or too slim for their words. */
function isCut(table) {
  if (table.scrollWidth > table.parentElement.clientWidth + 1) return true;
  const most = MOST_LINES * Number.parseFloat(getComputedStyle(table).lineHeight);
  return [...table.querySelectorAll("tbody > tr > *")].some(
    ({ offsetWidth, offsetHeight, textContent }) => offsetWidth < SLIM && offsetHeight > most && textContent.trim(),
  );
}

function fold(table) {
  const heads = [...(table.tHead?.rows[0]?.cells ?? [])].flatMap((head) =>
    Array(head.colSpan).fill(head.querySelector(".visually-hidden") ? "" : head.textContent.trim()),
  );
  for (const row of [...table.tBodies].flatMap((body) => [...body.rows])) {
    let column = 0;
    for (const cell of row.cells) {
      const isNamed = cell.tagName === "TH" && !cell.classList.contains("number");
      if (!isNamed && heads[column] && cell.colSpan === 1) cell.dataset.head = heads[column];
      column += cell.colSpan;
    }
  }
  table.classList.add("folds");
}

function foldTables() {
  if (!narrow.matches) return;
  for (const table of document.querySelectorAll(".scroll > table:not(.folds)")) if (isCut(table)) fold(table);
}

export function watchTables() {
  foldTables();
  narrow.addEventListener("change", foldTables);
  document.addEventListener("toggle", foldTables, true); // what was closed had no width
}
