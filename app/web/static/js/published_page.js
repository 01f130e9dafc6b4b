/* A page of a publication: layers of boxes, and deep zoom where its tiles were published. */

"use strict";

{
  const TILE = 512; // pixels of a side; see app/publish/pictures.py
  const STEP = 1.5; // by which a button zooms
  const PAN = 0.2; // of the width that is seen, by which a button moves
  const layers = document.querySelector("#layers");
  const stage = document.querySelector("#stage[data-zoom]");

  if (layers) {
    layers.hidden = false;
    layers.addEventListener("change", ({ target }) => {
      const layer = document.querySelector(`.boxes [data-layer="${target.value}"]`);
      if (target.checked) layer.removeAttribute("display");
      else layer.setAttribute("display", "none");
    });
  }

  /* Tiles are pictures that are asked for by name: nothing is fetched, so that a disk will do. */
  function zoom() {
    const { width, height, zoom: folder } = stage.dataset;
    const highest = Math.max(0, Math.ceil(Math.log2(Math.max(width, height) / TILE)));
    const place = document.createElement("div");
    place.className = "zoomed";
    stage.append(place);
    stage.classList.add("zooms"); // its size, which the view fits the page into
    const viewer = OpenSeadragon({
      element: place,
      drawer: "canvas",
      showNavigationControl: false,
      maxZoomPixelRatio: 2,
      tileSources: {
        width: Number(width),
        height: Number(height),
        tileSize: TILE,
        tileOverlap: 0,
        minLevel: 0,
        maxLevel: highest,
        getTileUrl: (level, column, row) => `${folder}/${level}/${column}_${row}.jpg`,
      },
    });
    const boxes = stage.querySelector(".boxes");
    viewer.addOnceHandler("open", () => {
      stage.classList.add("drawn");
      viewer.addOverlay({
        element: boxes,
        location: new OpenSeadragon.Rect(0, 0, 1, height / width),
      });
    });
    const view = viewer.viewport;
    const pan = (x, y) => {
      const seen = view.getBounds().width * PAN;
      view.panBy(new OpenSeadragon.Point(x * seen, y * seen));
    };
    const deeds = {
      in: () => view.zoomBy(STEP),
      out: () => view.zoomBy(1 / STEP),
      fit: () => view.goHome(),
      left: () => pan(-1, 0),
      right: () => pan(1, 0),
      up: () => pan(0, -1),
      down: () => pan(0, 1),
    };
    const buttons = document.querySelector(".zoom");
    buttons.hidden = false;
    buttons.addEventListener("click", ({ target }) => {
      const deed = deeds[target.closest("button")?.dataset.do];
      if (!deed) return;
      deed();
      view.applyConstraints();
    });
  }

  if (stage && globalThis.OpenSeadragon) zoom();
}
