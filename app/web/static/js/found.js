/* The pages of an edition with the photos that are found on them, as its page has them now. */

let showing = Promise.resolve();

/** Return the document at an address as the server has it now; null if it has none. */
function current(address) {
  return new Promise((done) => {
    const request = new XMLHttpRequest();
    request.responseType = "document";
    request.addEventListener("loadend", () => done(request.status === 200 ? request.response : null));
    request.open("GET", address);
    request.send();
  });
}

/** Show each page that has changed, one time after the other; the one where the focus is stays. */
export function showFound(address) {
  showing = showing.then(() => show(document.querySelector("#found"), address));
}

async function show(shown, address) {
  const found = (await current(address))?.querySelector("#found");
  if (!found) return;
  const [before, now] = [shown, found].map((part) => [...part.querySelectorAll(".pages > li")]);
  if (before.length !== now.length) {
    shown.replaceWith(found);
    return;
  }
  for (const [index, page] of before.entries()) {
    const same = page.isEqualNode(now[index]) || page.contains(document.activeElement);
    if (!same) page.replaceWith(now[index]);
  }
}
