/* What a page on another site can try against an installation at the origin `target`.

Returns what each attempt has read, by its name; what attempts change, the test finds in the database. */
async (target) => {
  const soon = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));
  const json = JSON.stringify({ name: "planted" });
  const scan = () => new File([Uint8Array.from(atob("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNk+A8AAQUBAScY42YAAAAASUVORK5CYII="), (c) => c.charCodeAt(0))], "a.png", { type: "image/png" });
  const upload = () => {
    const data = new FormData();
    data.append("publication", "Planted");
    data.append("date", "2020-01-02");
    data.append("files", scan());
    return data;
  };
  const put = (kind, properties, parent = document.body) => parent.appendChild(Object.assign(document.createElement(kind), properties));
  /** What an element that loads tells: whether it did, and what of it can be read. */
  const loaded = (element, read) => new Promise((done) => {
    element.onload = () => { try { done(read(element)); } catch { done(null); } };
    element.onerror = () => done(null);
  });
  const submit = (path, fields, options = {}, frame = put("iframe", { name: `frame${Math.random()}` })) => {
    const doc = options.inside ? frame.contentDocument : document;
    const form = put("form", { method: "post", action: target + path, target: options.inside ? "_self" : options.where ?? frame.name, enctype: options.enctype ?? "application/x-www-form-urlencoded" }, doc.body);
    for (const [name, value] of Object.entries(fields)) {
      const field = put("input", { name }, form);
      if (value instanceof File) {
        field.type = "file";
        const files = new DataTransfer();
        files.items.add(value);
        field.files = files.files;
      } else field.value = value;
    }
    form.submit();
    return null;
  };
  const read = async (path, options) => (await (await fetch(target + path, options)).text()) || null;
  const send = async (method, path, options) => read(path, { method, ...options });
  const xhr = (method, path, body, credentials) => new Promise((done) => {
    const request = new XMLHttpRequest();
    request.open(method, target + path);
    request.withCredentials = credentials;
    request.onload = () => done(request.responseText || null);
    request.onerror = () => done(null);
    request.send(body);
  });
  const nobody = (html) => put("iframe", { sandbox: "allow-scripts allow-forms", srcdoc: html }) && null;
  const as = (name, value) => `<form method=post action="${target}/accounts"><input name=action value=add><input name=${name} value=${value}><input name=role value=admin></form><script>document.forms[0].submit()</script>`;
  const picture = "/api/v1/pages/1/image";
  const attempts = {
    "fetch, cors": () => read("/api/v1/photos"),
    "fetch, cors, with cookies": () => read("/api/v1/photos", { credentials: "include" }),
    "fetch, no-cors": () => read("/api/v1/photos", { mode: "no-cors", credentials: "include" }),
    "fetch, same-origin": () => read("/api/v1/photos.csv", { mode: "same-origin" }),
    "fetch of a page": () => read("/gallery", { credentials: "include" }),
    "fetch of a manifest": () => read("/api/v1/editions/1/manifest.json", { credentials: "include" }),
    "fetch of a picture as a blob": async () => (await (await fetch(target + picture, { credentials: "include" })).blob()).size || null,
    "fetch of an export": () => read("/api/v1/photos.ndjson", { credentials: "include" }),
    "fetch of the accounts": () => read("/api/v1/accounts", { credentials: "include" }),
    "XMLHttpRequest": () => xhr("GET", "/api/v1/editions", null, true),
    "image": () => loaded(put("img", { src: target + picture }), (one) => one.naturalWidth || null),
    "image with a canvas": () => loaded(put("img", { src: target + picture, crossOrigin: "use-credentials" }), (one) => {
      const pen = new OffscreenCanvas(9, 9).getContext("2d");
      pen.drawImage(one, 0, 0);
      return pen.getImageData(0, 0, 9, 9).data.length;
    }),
    "script": () => loaded(put("script", { src: `${target}/api/v1/photos` }), () => "it ran"),
    "module": () => loaded(put("script", { type: "module", src: `${target}/api/v1/photos.csv` }), () => "it ran"),
    "style sheet": () => loaded(put("link", { rel: "stylesheet", href: `${target}/gallery` }), () => "it is read"),
    "frame": () => loaded(put("iframe", { src: `${target}/gallery` }), (one) => one.contentDocument?.body.innerText || null),
    "object": () => loaded(put("object", { data: `${target}/gallery` }), (one) => one.contentDocument?.body.innerText || null),
    "video": () => new Promise((done) => { const one = put("video", { src: target + picture }); one.onloadeddata = () => done("it plays"); one.onerror = () => done(null); }),
    "font": () => new FontFace("x", `url(${target}/gallery)`).load().then(() => "it is read"),
    "worker": () => new Promise((done) => {
      const worker = new Worker(URL.createObjectURL(new Blob([`try { importScripts("${target}/api/v1/photos"); postMessage("it ran"); } catch { postMessage(null); }`])));
      worker.onmessage = ({ data }) => done(data);
    }),
    "EventSource": () => new Promise((done) => { const events = new EventSource(`${target}/api/v1/editions/1/events`, { withCredentials: true }); events.onopen = () => done("it is open"); events.onerror = () => done(null); }),
    "WebSocket": () => new Promise((done) => { const socket = new WebSocket(target.replace("http", "ws")); socket.onopen = () => done("it is open"); socket.onerror = () => done(null); }),
    "window": async () => { const other = open(`${target}/gallery`); await soon(900); return other?.document.body.innerText || null; },
    "form that uploads": () => submit("/upload", { publication: "Planted", date: "2020-01-02", files: scan() }, { enctype: "multipart/form-data" }),
    "form that adds an account": () => submit("/accounts", { action: "add", name: "planted", role: "admin" }),
    "form in a window": () => submit("/accounts", { action: "add", name: "planted too", role: "admin" }, { where: "_blank" }),
    "form within a frame": () => submit("/accounts", { action: "add", name: "planted as well", role: "admin" }, { inside: true }),
    "form that makes a key": () => submit("/account", { action: "key", name: "planted", preset: "nightly", days: "9" }),
    "form that shares": () => submit("/share", { action: "add", target: "/gallery", days: "9" }),
    "form that signs out": () => submit("/logout", {}),
    "form that signs in": () => submit("/login", { name: "Rea", password: "correct horse battery" }),
    "form of JSON as text": () => submit("/api/v1/labels", { '{"name": "planted", "a': '": 1}' }, { enctype: "text/plain" }),
    "form with a method in a field": () => submit("/api/v1/editions/1", { _method: "DELETE" }),
    "form of no origin": () => nobody(as("name", "nobody")),
    "form of a data address": () => put("iframe", { src: `data:text/html,${encodeURIComponent(as("name", "data"))}` }) && null,
    "fetch, JSON as text": () => send("POST", "/api/v1/labels", { mode: "no-cors", credentials: "include", body: json }),
    "fetch, JSON": () => send("POST", "/api/v1/labels", { credentials: "include", headers: { "Content-Type": "application/json" }, body: json }),
    "fetch that uploads": () => send("POST", "/api/v1/editions", { mode: "no-cors", credentials: "include", body: upload() }),
    "fetch that outlives its page": () => send("POST", "/api/v1/labels", { mode: "no-cors", keepalive: true, credentials: "include", body: json }),
    "fetch, DELETE": () => send("DELETE", "/api/v1/editions/1", { credentials: "include" }),
    "fetch, PATCH": () => send("PATCH", "/api/v1/editions/1", { credentials: "include", headers: { "Content-Type": "application/json" }, body: '{"pages_expected": 9}' }),
    "fetch, PUT": () => send("PUT", "/api/v1/publications/1/masthead", { credentials: "include", body: scan() }),
    "XMLHttpRequest that uploads": () => xhr("POST", "/api/v1/editions", upload(), true),
    "beacon, JSON as text": () => navigator.sendBeacon(`${target}/api/v1/labels`, json) && null,
    "beacon that uploads": () => navigator.sendBeacon(`${target}/api/v1/editions`, upload()) && null,
  };
  const told = async (attempt) => Promise.race([soon(4000).then(() => null), Promise.resolve().then(attempt).catch(() => null)]);
  const names = Object.keys(attempts);
  const found = await Promise.all(names.map((name) => told(attempts[name])));
  await soon(500);
  return Object.fromEntries(names.map((name, i) => [name, found[i]]));
}
