/* The choices that make a question: only those that apply are shown.

   Without this script the server does the same with each answer. */

const form = document.querySelector("form.choices");
const named = form.elements;

function chosen(name) {
  if (name === "several") return named.from.value === named.to.value ? "no" : "yes";
  return named[name].value;
}

/** Show what applies to the choices, and send nothing of what does not. */
function show(kind) {
  for (const one of form.querySelectorAll(`${kind}[data-offered]`)) {
    const conditions = Object.entries(JSON.parse(one.dataset.offered));
    one.hidden = !conditions.every(([name, [wanted, values]]) => values.includes(chosen(name)) === wanted);
    for (const field of one.matches("option") ? [one] : one.querySelectorAll("input, select")) field.disabled = one.hidden;
  }
}

function change() {
  show("option");
  const asked = named.is;
  if (asked.selectedOptions[0]?.disabled ?? true) asked.value = [...asked.options].find((one) => !one.disabled).value;
  show("p");
}

form.addEventListener("change", change);
change();
