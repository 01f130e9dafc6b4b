/* Asks which newspaper is meant, where a name is new and like a known one: resolves to a name. */

const panel = document.querySelector("#meant");

/** Resolve to the newspaper that the reader means; a known name, and an unlike one, is not asked for. */
export async function meantNewspaper(name) {
  panel.hidden = true;
  const { similar } = await fetch(`${panel.dataset.similar}?${new URLSearchParams({ name })}`)
    .then((answer) => (answer.ok ? answer.json() : { similar: [] }))
    .catch(() => ({ similar: [] })); // the upload itself says that the server is away
  if (!similar.length) return name;
  const title = panel.querySelector("h2");
  title.textContent = similar.length === 1 ? title.dataset.text.replace("{name}", similar[0]) : title.dataset.several;
  const own = panel.querySelector("#new-newspaper");
  for (const one of [panel.querySelector("h2 + p"), own]) one.textContent = one.dataset.text.replace("{name}", name);
  return new Promise((resolve) => {
    const take = (taken) => {
      panel.hidden = true;
      resolve(taken);
    };
    own.onclick = () => take(name);
    panel.querySelector("ul").replaceChildren(...similar.map((one) => choice(one, take)));
    panel.hidden = false;
    title.focus();
  });
}

function choice(name, take) {
  const item = document.createElement("li");
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = name;
  button.addEventListener("click", () => take(name));
  item.append(button);
  return item;
}
