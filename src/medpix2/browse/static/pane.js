// One picture on a canvas: zoom, pan, window and level, invert. Gestures call the same methods as
// keys and buttons do. What is shown is a plain object (`view`), so that two panes can share it.

const FINEST = 40; // device pixels for a pixel of the picture
const SHARP = 4; // from this zoom on single pixels are shown as such
const RANGE = 255; // of the values of a picture
const NARROWEST = 1, WIDEST = 2 * RANGE;

// x, y: the point of the picture, as a fraction, in the middle of the pane; zoom: 1 is fit.
const fitted = () => ({ x: 0.5, y: 0.5, zoom: 1, width: RANGE, level: RANGE / 2, invert: false });
const within = (value, low, high) => Math.min(Math.max(value, low), high);

export class Pane extends EventTarget {
  constructor(figure, say) {
    super();
    this.figure = figure;
    this.say = say;
    this.views = new Map(); // id -> view: a picture that is shown again is as it was left
    this.view = fitted();
    this.drag = "window";
    this.marking = false; // whether boxes of findings are drawn
    this.pointers = new Map();
    this.build();
    this.listen();
  }

  build() {
    this.screen = this.figure.querySelector(".screen");
    this.canvas = document.createElement("canvas");
    this.canvas.tabIndex = 0;
    this.canvas.setAttribute("role", "application");
    this.canvas.setAttribute("aria-roledescription", "picture viewer");
    this.readout = document.createElement("p");
    this.readout.className = "readout";
    this.trouble = document.createElement("p");
    this.trouble.className = "pane-trouble";
    this.trouble.hidden = true;
    this.screen.replaceChildren(this.canvas, this.readout, this.trouble);
    this.caption = this.figure.querySelector("figcaption");
    this.context = this.canvas.getContext("2d");
    this.shown = document.createElement("canvas"); // the picture through window and level
  }

  listen() {
    new ResizeObserver(() => this.draw()).observe(this.screen);
    const on = (name, act, options) => this.canvas.addEventListener(name, act, options);
    on("wheel", (event) => this.wheel(event), { passive: false });
    on("pointerdown", (event) => this.down(event));
    on("pointermove", (event) => this.move(event));
    for (const name of ["pointerup", "pointercancel"]) on(name, (event) => this.up(event));
    on("contextmenu", (event) => event.preventDefault());
    on("dblclick", () => (this.view.zoom === 1 ? this.oneToOne() : this.fit()));
  }

  // --- the picture ---------------------------------------------------------------------------

  async show({ id, address, caption, marks }) {
    this.id = id;
    this.marks = marks;
    this.figure.dataset.id = id;
    this.caption.textContent = caption || id;
    this.canvas.setAttribute("aria-label", `Picture ${id}. ${caption}`);
    if (!this.views.has(id)) this.views.set(id, fitted());
    this.view = this.views.get(id);
    this.figure.dataset.state = "loading";
    const picture = await this.load(address).catch((problem) => problem);
    if (this.id !== id) return; // another one was asked for meanwhile
    if (picture instanceof Error) this.fail(picture.message);
    else this.take(picture);
    this.draw();
  }

  // Return the picture at an address; what is thrown says for people what is wrong.
  async load(address) {
    const answer = await fetch(address, { headers: { Accept: "application/json, image/*" } })
      .catch(() => { throw new Error("The server does not answer."); });
    if (!answer.ok) {
      const problem = await answer.json().catch(() => null);
      throw new Error(problem ? `${problem.failed}: ${problem.todo}.` : "There is no picture.");
    }
    try {
      return await createImageBitmap(await answer.blob());
    } catch {
      throw new Error("The picture's file is broken: build again.");
    }
  }

  take(picture) {
    this.picture = picture;
    this.shown.width = picture.width;
    this.shown.height = picture.height;
    const context = this.shown.getContext("2d", { willReadFrequently: true });
    context.drawImage(picture, 0, 0);
    this.source = context.getImageData(0, 0, picture.width, picture.height);
    this.tuned = null;
    this.trouble.hidden = true;
    this.figure.dataset.state = "shown";
  }

  fail(said) {
    this.picture = null;
    this.trouble.textContent = said;
    this.trouble.hidden = false;
    this.figure.dataset.state = "failed";
    this.say(said);
  }

  // --- geometry, in device pixels ------------------------------------------------------------

  get ratio() {
    return window.devicePixelRatio || 1;
  }

  get fitScale() {
    const { width, height } = this.shown;
    return Math.min(this.canvas.width / width, this.canvas.height / height) || 1;
  }

  get scale() {
    return this.fitScale * this.view.zoom;
  }

  fit() {
    Object.assign(this.view, { x: 0.5, y: 0.5, zoom: 1 });
    this.changed();
  }

  oneToOne() {
    this.zoomTo(1 / this.fitScale);
  }

  // Zoom by a factor; the point under (x, y), CSS pixels of the canvas, stays where it is.
  zoomBy(factor, x = this.canvas.clientWidth / 2, y = this.canvas.clientHeight / 2) {
    this.zoomTo(this.view.zoom * factor, x, y);
  }

  zoomTo(zoom, x = this.canvas.clientWidth / 2, y = this.canvas.clientHeight / 2) {
    const before = this.scale;
    const coarsest = Math.min(1, 1 / this.fitScale) / 2;
    this.view.zoom = within(zoom, coarsest, FINEST / this.fitScale);
    const gained = 1 / before - 1 / this.scale;
    this.moveBy((x * this.ratio - this.canvas.width / 2) * gained,
      (y * this.ratio - this.canvas.height / 2) * gained);
  }

  // Move what is in the middle, by pixels of the picture.
  moveBy(x, y) {
    this.view.x = within(this.view.x + x / this.shown.width, 0, 1);
    this.view.y = within(this.view.y + y / this.shown.height, 0, 1);
    this.changed();
  }

  // Pan by CSS pixels, as the hand moves.
  pan(x, y) {
    const per = this.ratio / this.scale;
    this.moveBy(-x * per, -y * per);
  }

  // --- values --------------------------------------------------------------------------------

  tune(width, level) {
    this.view.width = within(this.view.width + width, NARROWEST, WIDEST);
    this.view.level = within(this.view.level + level, -RANGE / 2, 1.5 * RANGE);
    this.changed();
  }

  invert() {
    this.view.invert = !this.view.invert;
    this.changed();
  }

  reset() {
    Object.assign(this.view, fitted());
    this.changed();
  }

  apply() {
    const { width, level, invert } = this.view;
    const tuned = `${width} ${level} ${invert}`;
    if (this.tuned === tuned) return;
    const table = new Uint8ClampedArray(RANGE + 1);
    for (let value = 0; value <= RANGE; value += 1) {
      const seen = ((value - level) / width + 0.5) * RANGE;
      table[value] = invert ? RANGE - within(seen, 0, RANGE) : seen;
    }
    const made = new ImageData(this.shown.width, this.shown.height);
    const from = this.source.data, to = made.data;
    for (let at = 0; at < from.length; at += 4) {
      to[at] = table[from[at]];
      to[at + 1] = table[from[at + 1]];
      to[at + 2] = table[from[at + 2]];
      to[at + 3] = from[at + 3];
    }
    this.shown.getContext("2d").putImageData(made, 0, 0);
    this.tuned = tuned;
  }

  // --- drawing -------------------------------------------------------------------------------

  changed() {
    this.dispatchEvent(new Event("change"));
    this.draw();
  }

  draw() {
    this.asked ??= requestAnimationFrame(() => {
      this.asked = null;
      this.paint();
    });
  }

  paint() {
    const { clientWidth, clientHeight } = this.canvas;
    const width = Math.round(clientWidth * this.ratio), height = Math.round(clientHeight * this.ratio);
    if (this.canvas.width !== width || this.canvas.height !== height) {
      this.canvas.width = width;
      this.canvas.height = height;
    }
    this.context.clearRect(0, 0, width, height);
    this.readout.hidden = !this.picture;
    if (!this.picture) return;
    this.apply();
    const scale = this.scale;
    this.context.imageSmoothingEnabled = scale < SHARP;
    this.context.imageSmoothingQuality = "high";
    this.context.drawImage(this.shown,
      width / 2 - this.view.x * this.shown.width * scale,
      height / 2 - this.view.y * this.shown.height * scale,
      this.shown.width * scale, this.shown.height * scale);
    if (this.marking) this.mark(scale);
    this.readout.textContent = `Zoom ${Math.round(scale * 100)} %  W ${Math.round(this.view.width)}  ` +
      `L ${Math.round(this.view.level)}${this.view.invert ? "  inverted" : ""}`;
  }

  // Draw the boxes of findings, [left, top, right, bottom] in pixels of the picture.
  mark(scale) {
    const left = this.canvas.width / 2 - this.view.x * this.shown.width * scale;
    const top = this.canvas.height / 2 - this.view.y * this.shown.height * scale;
    this.context.lineWidth = 2 * this.ratio;
    this.context.strokeStyle = "#ffd34d";
    for (const box of this.marks) {
      const [x, y, right, bottom] = box.map((side, at) => side * scale + (at % 2 ? top : left));
      this.context.strokeRect(x, y, right - x, bottom - y);
    }
  }

  // --- gestures ------------------------------------------------------------------------------

  place(event) {
    const box = this.canvas.getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  }

  wheel(event) {
    event.preventDefault();
    const lines = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 33 : 1;
    const speed = event.ctrlKey ? 0.01 : 0.0015; // a pinch on a touch pad comes with Ctrl
    const { x, y } = this.place(event);
    this.zoomBy(Math.exp(-within(event.deltaY * lines, -300, 300) * speed), x, y);
  }

  down(event) {
    this.canvas.focus({ preventScroll: true });
    this.canvas.setPointerCapture(event.pointerId);
    this.pointers.set(event.pointerId, this.place(event));
    const other = this.drag === "window" ? "pan" : "window";
    const turned = event.button === 2 || event.shiftKey;
    this.acting = event.button === 1 ? "pan" : turned ? other : this.drag;
    if (event.button === 1) event.preventDefault(); // no scrolling by itself
  }

  move(event) {
    const before = this.pointers.get(event.pointerId);
    if (!before) return;
    const now = this.place(event);
    const x = now.x - before.x, y = now.y - before.y;
    const [other] = [...this.pointers].filter(([id]) => id !== event.pointerId).map(([, at]) => at);
    this.pointers.set(event.pointerId, now);
    if (other) this.pinch(before, now, other);
    else if (this.acting === "pan") this.pan(x, y);
    else if (this.acting === "window") this.tune(x, y); // to the right: wider, less contrast; down: a higher level, darker
  }

  pinch(before, now, other) {
    this.acting = null; // the finger that is lifted last changes nothing more
    const apart = (one) => Math.hypot(one.x - other.x, one.y - other.y) || 1;
    this.pan((now.x - before.x) / 2, (now.y - before.y) / 2);
    this.zoomBy(apart(now) / apart(before), (now.x + other.x) / 2, (now.y + other.y) / 2);
  }

  up(event) {
    this.pointers.delete(event.pointerId);
  }
}
