/* A scan with deep zoom: OpenSeadragon draws the tiles, and the boxes of the page follow as one SVG.

   All boxes are moved by the one transform of their group; none is a node that OpenSeadragon moves. */

const STEP = 1.4; // zoom of one press
const PAN = 0.2; // share of the view that one press pans

export class ZoomedScan {
  /** Draw a scan into a stage; `settled` is called with [x, y, width, height] in pixels of the page. */
  constructor(stage, { openSeadragon, settled = () => {} }) {
    this.stage = stage;
    this.placed = () => {}; // called whenever the scan has moved
    this.width = Number(stage.dataset.width);
    this.height = Number(stage.dataset.height);
    this.svg = stage.querySelector("svg.boxes");
    this.group = this.svg.firstElementChild;
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    const surface = document.createElement("div");
    surface.className = "zoomed";
    stage.classList.add("zooms");
    stage.append(surface);
    this.svg.removeAttribute("viewBox");
    stage.append(this.svg);
    this.viewer = openSeadragon({
      element: surface,
      tileSources: stage.dataset.tiles,
      drawer: "canvas",
      showNavigationControl: false,
      animationTime: still ? 0 : 0.35,
      springStiffness: 8,
      immediateRender: true,
      imageLoaderLimit: 4,
      maxZoomPixelRatio: 2,
      minZoomImageRatio: 0.9,
      visibilityRatio: 0.6,
      constrainDuringPan: true,
      zoomPerScroll: STEP,
      tabIndex: -1,
      gestureSettingsMouse: { clickToZoom: false, dblClickToZoom: true },
      gestureSettingsTouch: { clickToZoom: false, dblClickToZoom: true, pinchRotate: false },
    });
    this.viewer.addHandler("canvas-key", (event) => {
      event.preventDefaultAction = true; // the page has keys of its own
    });
    this.viewer.addHandler("update-viewport", () => this.#place());
    this.viewer.addHandler("resize", () => requestAnimationFrame(() => this.#place()));
    this.viewer.addHandler("tile-drawn", () => stage.classList.add("drawn"));
    this.viewer.addHandler("animation-finish", () => settled(this.region, this.scale));
    this.opened = new Promise((resolve, reject) => {
      this.viewer.addOnceHandler("open", () => {
        this.#place();
        resolve(this);
      });
      this.viewer.addOnceHandler("open-failed", (event) => reject(new Error(event.message)));
    });
  }

  /** What is in view: [x, y, width, height] in whole pixels of the page, as far as it is on it. */
  get region() {
    const seen = this.viewer.viewport.viewportToImageRectangle(this.viewer.viewport.getBounds());
    const x = Math.max(0, Math.round(seen.x));
    const y = Math.max(0, Math.round(seen.y));
    const right = Math.min(this.width, Math.round(seen.x + seen.width));
    const low = Math.min(this.height, Math.round(seen.y + seen.height));
    return [x, y, Math.max(1, right - x), Math.max(1, low - y)];
  }

  /** Pixels of the screen for a pixel of the page. */
  get scale() {
    return this.viewer.viewport.viewportToImageZoom(this.viewer.viewport.getZoom());
  }

  /** Bring a region into view, with some of the page around it. */
  show([x, y, width, height], { margin = 0, atOnce = false } = {}) {
    const dx = width * margin;
    const dy = height * margin;
    const { viewport } = this.viewer;
    const target = viewport.imageToViewportRectangle(x - dx, y - dy, width + 2 * dx, height + 2 * dy);
    viewport.fitBounds(target, atOnce);
  }

  /** Bring a region into view if it is not, without zooming in. */
  reveal([x, y, width, height]) {
    const [left, top, w, h] = this.region;
    if (x >= left && y >= top && x + width <= left + w && y + height <= top + h) return;
    if (width <= w && height <= h) {
      const { viewport } = this.viewer;
      viewport.panTo(viewport.imageToViewportCoordinates(x + width / 2, y + height / 2));
    } else {
      this.show([x, y, width, height], { margin: 0.1 });
    }
  }

  zoom(factor) {
    this.viewer.viewport.zoomBy(factor);
    this.viewer.viewport.applyConstraints();
  }

  in() { this.zoom(STEP); }
  out() { this.zoom(1 / STEP); }
  fit() { this.viewer.viewport.goHome(); }
  left() { this.pan(-PAN, 0); }
  right() { this.pan(PAN, 0); }
  up() { this.pan(0, -PAN); }
  down() { this.pan(0, PAN); }

  pan(x, y) {
    const { viewport } = this.viewer;
    const bounds = viewport.getBounds();
    const by = viewport.getCenter();
    by.x = x * bounds.width;
    by.y = y * bounds.height;
    viewport.panBy(by);
    viewport.applyConstraints();
  }

  /** The pixel of the page at a point of the window. */
  toPage(clientX, clientY) {
    const frame = this.stage.getBoundingClientRect();
    const [scale, x, y] = this.#transform();
    return [
      (clientX - frame.left - this.stage.clientLeft - x) / scale,
      (clientY - frame.top - this.stage.clientTop - y) / scale,
    ];
  }

  /** The point of the stage at a pixel of the page. */
  toStage([px, py]) {
    const [scale, x, y] = this.#transform();
    return [px * scale + x, py * scale + y];
  }

  /** The smallest of some boxes, [element, [x, y, width, height]], under a point of the window. */
  under(clientX, clientY, boxes) {
    const [px, py] = this.toPage(clientX, clientY);
    let best = null;
    let least = Infinity;
    for (const [element, [left, top, width, height]] of boxes) {
      const inside = px >= left && py >= top && px < left + width && py < top + height;
      if (inside && width * height < least) {
        least = width * height;
        best = element;
      }
    }
    return best;
  }

  #transform() {
    const { viewport } = this.viewer;
    const item = this.viewer.world.getItemAt(0);
    if (!item) return [1, 0, 0];
    const size = viewport.getContainerSize();
    const bounds = viewport.getBounds(true);
    const scale = size.x / (bounds.width * this.width); // the page is 1 wide in the viewport
    return [scale, (-bounds.x * size.x) / bounds.width, (-bounds.y * size.x) / bounds.width];
  }

  #place() {
    const [scale, x, y] = this.#transform();
    this.group.setAttribute("transform", `matrix(${scale} 0 0 ${scale} ${x} ${y})`);
    this.placed();
  }
}
