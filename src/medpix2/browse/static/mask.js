// The boxes of burned-in text can be moved, resized, drawn and removed, by pointer or keys.
// What is sent is the text of the form, which can be written by hand as well.

const details = document.querySelector("#mask");
const text = document.querySelector("#boxes");
const svg = document.querySelector(".side .boxes");
const NS = "http://www.w3.org/2000/svg";
const { width, height } = svg ? svg.viewBox.baseVal : { width: 0, height: 0 };
const HANDLE = Math.max(6, Math.round(Math.max(width, height) / 60));
let boxes = [];

function read() {
  try {
    boxes = JSON.parse(text.value || "[]").map(([l, t, r, b, what]) => ({ l, t, r, b, what: what ?? "lettering" }));
  } catch {
    boxes = [];  // half written; the server says what is wrong with it if it is sent
  }
}

function write() {
  text.value = JSON.stringify(boxes.map(({ l, t, r, b, what }) => [l, t, r, b, what]));
}

function place(rect, box) {
  const sides = { x: box.l, y: box.t, width: box.r - box.l, height: box.b - box.t };
  for (const [name, value] of Object.entries(sides)) rect.setAttribute(name, value);
}

function label(box, at) {
  return `Box ${at + 1}, ${box.what}: left ${box.l}, top ${box.t}, right ${box.r}, bottom ${box.b}`;
}

function draw(focused = -1) {
  svg.replaceChildren();
  boxes.forEach((box, at) => {
    const rect = document.createElementNS(NS, "rect");
    rect.setAttribute("class", box.what);
    rect.setAttribute("tabindex", "0");
    rect.setAttribute("role", "button");
    rect.setAttribute("aria-label", label(box, at));
    rect.dataset.at = at;
    place(rect, box);
    const corner = document.createElementNS(NS, "rect");
    corner.setAttribute("class", "corner");
    corner.setAttribute("aria-hidden", "true");
    corner.dataset.corner = at;
    place(corner, { l: box.r - HANDLE, t: box.b - HANDLE, r: box.r, b: box.b });
    svg.append(rect, corner);
    if (at === focused) rect.focus();
  });
}

function shift(box, dx, dy) {
  const x = Math.min(Math.max(dx, -box.l), width - box.r);
  const y = Math.min(Math.max(dy, -box.t), height - box.b);
  return { ...box, l: box.l + x, r: box.r + x, t: box.t + y, b: box.b + y };
}

function stretch(box, dx, dy) {
  const r = Math.min(Math.max(box.r + dx, box.l + 1), width);
  const b = Math.min(Math.max(box.b + dy, box.t + 1), height);
  return { ...box, r, b };
}

function change(at, box) {
  boxes[at] = box;
  write();
  draw(at);
}

function add(box) {
  boxes.push(box);
  write();
  draw(boxes.length - 1);
}

function pointed(event) {
  const at = new DOMPoint(event.clientX, event.clientY).matrixTransform(svg.getScreenCTM().inverse());
  return { x: Math.round(at.x), y: Math.round(at.y) };
}

function begin(event) {
  const { at, corner } = event.target.dataset;
  const from = pointed(event);
  if (at !== undefined) return { at: Number(at), from, was: boxes[at], how: shift };
  if (corner !== undefined) return { at: Number(corner), from, was: boxes[corner], how: stretch };
  const l = Math.min(Math.max(from.x, 0), width - 1);
  const t = Math.min(Math.max(from.y, 0), height - 1);
  add({ l, t, r: l + 1, b: t + 1, what: "lettering" });
  return { at: boxes.length - 1, from, was: boxes.at(-1), how: stretch };
}

const STEPS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

function pressed(event) {
  const at = Number(event.target.dataset.at);
  const step = STEPS[event.key];
  if (step && boxes[at]) {
    const [dx, dy] = step.map((side) => side * (event.ctrlKey ? 10 : 1));
    change(at, event.shiftKey ? stretch(boxes[at], dx, dy) : shift(boxes[at], dx, dy));
  } else if (event.key === "Delete" && boxes[at]) {
    boxes.splice(at, 1);
    write();
    draw(Math.min(at, boxes.length - 1));
    if (!boxes.length) svg.focus();
  } else if (event.key === "Insert") {
    const [x, y] = [Math.round(width / 2), Math.round(height / 2)];
    add({ l: x - HANDLE, t: y - HANDLE, r: x + HANDLE, b: y + HANDLE, what: "lettering" });
  } else return;
  event.preventDefault();
}

function start() {
  if (svg.classList.contains("drawing")) return;
  svg.classList.add("drawing");
  svg.removeAttribute("aria-hidden");
  svg.setAttribute("role", "group");
  svg.setAttribute("aria-label", "Boxes of burned-in text");
  svg.setAttribute("tabindex", "0");
  read();
  draw();
  let drag = null;
  svg.addEventListener("pointerdown", (event) => {
    event.preventDefault();
    drag = begin(event);
    svg.setPointerCapture(event.pointerId);
  });
  svg.addEventListener("pointermove", (event) => {
    if (!drag) return;
    const to = pointed(event);
    change(drag.at, drag.how(drag.was, to.x - drag.from.x, to.y - drag.from.y));
  });
  for (const end of ["pointerup", "pointercancel"]) svg.addEventListener(end, () => { drag = null; });
  svg.addEventListener("keydown", pressed);
  text.addEventListener("input", () => {
    read();
    draw();
  });
  (svg.querySelector("rect[tabindex]") ?? svg).focus();
}

if (details && svg) {
  details.addEventListener("toggle", () => {
    if (details.open) start();
  });
  if (details.open) start();
}
