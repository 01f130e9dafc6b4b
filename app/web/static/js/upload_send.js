/* Sends a form with files, and says how far it is. */

/** Send a form; resolves to status and document. `progress` is called with the percent that are sent. */
export function sendFiles(address, data, progress) {
  const request = new XMLHttpRequest();
  return new Promise((resolve, reject) => {
    request.upload.addEventListener("progress", ({ loaded, total }) => {
      progress(Math.round((100 * loaded) / Math.max(total, 1)));
    });
    request.addEventListener("error", reject);
    request.addEventListener("load", () => resolve({ status: request.status, document: JSON.parse(request.responseText) }));
    request.open("POST", address);
    request.setRequestHeader("Accept-Language", document.documentElement.lang);
    request.send(data);
  });
}
