// The viewer of the case page: panes, tools, keys, and the strip of pictures. Without it the page
// shows the chosen picture, and the strip leads to the others.

import { Pane } from "./pane.js";

const STEP = 1.25; // zoom of a key
const HAND = 40; // CSS pixels that a key pans
const TONE = 8; // of window and level, a key

const viewer = document.getElementById("viewer");
const links = [...viewer.querySelectorAll(".strip a")];
const pictures = links.map((link) => ({
  id: link.dataset.id, address: link.dataset.address, caption: link.dataset.caption,
  twin: link.dataset.twin, marks: JSON.parse(link.dataset.marks), link,
}));
const panesBox = viewer.querySelector(".panes");
const status = Object.assign(document.createElement("p"), { className: "visually-hidden" });
status.setAttribute("role", "status");
const say = (text) => { status.textContent = text; };

const panes = [];
const buttons = new Map();
let active = null;
let linked = false;

// --- which picture is where ------------------------------------------------------------------

const indexOf = (pane) => pictures.findIndex((picture) => picture.id === pane.id);

function put(pane, index) {
  const picture = pictures[index];
  if (!picture) return;
  pane.show(picture);
  const other = panes.find((each) => each !== pane);
  if (linked && other) Object.assign(pane.view, other.view);
  activate(pane);
  say(`Picture ${index + 1} of ${pictures.length}: ${picture.caption || picture.id}`);
  for (const near of [pictures[index + 1], pictures[index - 1]]) {
    if (near) new Image().src = near.address; // so that the next one is there at once
  }
}

function activate(pane) {
  active = pane;
  for (const each of panes) each.figure.classList.toggle("active", each === pane && panes.length > 1);
  for (const { id, link } of pictures) {
    const current = id === pane.id;
    if (current) link.setAttribute("aria-current", "true");
    else link.removeAttribute("aria-current");
    link.classList.toggle("beside", !current && panes.some((each) => each.id === id));
    if (current) scrollTo(link);
  }
  for (const facts of document.querySelectorAll(".facts")) facts.hidden = facts.dataset.of !== pane.id;
  const at = indexOf(pane);
  buttons.get("previous").disabled = at <= 0;
  buttons.get("next").disabled = at >= pictures.length - 1;
  mirror();
  remember();
}

function scrollTo(link) {
  const strip = link.closest(".strip"), item = link.parentElement;
  strip.scrollLeft = item.offsetLeft - strip.offsetLeft - (strip.clientWidth - item.clientWidth) / 2;
}

function remember() {
  const asked = new URLSearchParams({ picture: panes[0].id });
  if (panes[1]) asked.set("beside", panes[1].id);
  history.replaceState(null, "", `?${asked}${location.hash}`);
}

function add(figure) {
  const pane = new Pane(figure, say);
  figure.addEventListener("focusin", () => { if (active !== pane) activate(pane); });
  pane.addEventListener("change", () => { if (linked) follow(pane); });
  pane.drag = panes[0]?.drag ?? "window";
  pane.marking = panes[0]?.marking ?? false;
  panes.push(pane);
  return pane;
}

function follow(leader) {
  for (const pane of panes) {
    if (pane === leader) continue;
    Object.assign(pane.view, leader.view);
    pane.draw();
  }
}

// --- tools -----------------------------------------------------------------------------------

const step = (by) => put(active, indexOf(active) + by);

function sideBySide() {
  if (panes[1]) {
    const kept = active.id;
    panes.pop().figure.remove();
    setLinked(false);
    if (kept !== panes[0].id) panes[0].show(pictures.find(({ id }) => id === kept));
    activate(panes[0]);
  } else {
    const at = indexOf(active);
    const twin = pictures.findIndex(({ id }) => id === pictures[at].twin);
    const figure = panes[0].figure.cloneNode(true);
    panesBox.append(figure);
    put(add(figure), twin >= 0 ? twin : at + 1 < pictures.length ? at + 1 : at - 1);
  }
  showBeside();
}

function showBeside() {
  const two = panes.length > 1;
  panesBox.classList.toggle("two", two);
  press("beside", two);
  buttons.get("link").hidden = !two;
}

function setLinked(on) {
  linked = on;
  press("link", on);
  if (on) follow(active);
}

function setDrag(mode) {
  for (const pane of panes) pane.drag = mode;
  press("window", mode === "window");
  press("pan", mode === "pan");
}

function toggleMarks() {
  const on = !panes[0].marking;
  for (const pane of panes) {
    pane.marking = on;
    pane.draw();
  }
  press("marks", on);
}

function fullScreen() {
  if (document.fullscreenElement) document.exitFullscreen();
  else viewer.requestFullscreen();
}

const press = (name, on) => buttons.get(name).setAttribute("aria-pressed", String(on));

// Name of the group; then name, label, key, what it does, whether it is pressed (null: no switch).
const TOOLS = [
  ["",
    ["previous", "Previous", "←", () => step(-1), null],
    ["next", "Next", "→", () => step(1), null],
  ], ["",
    ["in", "Zoom in", "+", () => active.zoomBy(STEP), null],
    ["out", "Zoom out", "-", () => active.zoomBy(1 / STEP), null],
    ["fit", "Fit", "0", () => active.fit(), null],
    ["one", "1:1", "1", () => active.oneToOne(), null],
  ], ["Drag",
    ["window", "Window", "w", () => setDrag("window"), true],
    ["pan", "Pan", "p", () => setDrag("pan"), false],
  ], ["",
    ["brighter", "Brighter", "↑", () => active.tune(0, -TONE), null],
    ["darker", "Darker", "↓", () => active.tune(0, TONE), null],
    ["more", "More contrast", ".", () => active.tune(-TONE, 0), null],
    ["less", "Less contrast", ",", () => active.tune(TONE, 0), null],
    ["invert", "Invert", "i", () => active.invert(), false],
    ["reset", "Reset", "r", () => active.reset(), null],
  ], ["",
    ["beside", "Side by side", "b", sideBySide, false],
    ["link", "Move both", "m", () => setLinked(!linked), false],
    ["marks", "Boxes of findings", "x", toggleMarks, false],
    ["full", "Full screen", "f", fullScreen, false],
  ],
];
const KEYS = new Map([["=", "in"], ["_", "out"]]);
const ARROWS = { "←": "ArrowLeft", "→": "ArrowRight", "↑": "ArrowUp", "↓": "ArrowDown" };
const acts = new Map();

function toolbar() {
  const bar = document.createElement("div");
  bar.className = "tools";
  for (const [title, ...group] of TOOLS) {
    const box = document.createElement("div");
    if (title) {
      box.setAttribute("role", "group");
      box.setAttribute("aria-label", title);
      box.append(Object.assign(document.createElement("span"), { className: "group", textContent: title }));
    }
    for (const [name, label, key, act, pressed] of group) {
      const button = document.createElement("button");
      button.type = "button";
      button.dataset.tool = name;
      button.append(label, " ", Object.assign(document.createElement("kbd"), { textContent: key }));
      if (pressed !== null) button.setAttribute("aria-pressed", String(pressed));
      button.addEventListener("click", act);
      buttons.set(name, button);
      acts.set(name, act);
      KEYS.set(ARROWS[key] ?? key, name);
      box.append(button);
    }
    bar.append(box);
  }
  bar.addEventListener("click", mirror);
  return bar;
}

// --- keys ------------------------------------------------------------------------------------

const PANS = { ArrowLeft: [HAND, 0], ArrowRight: [-HAND, 0], ArrowUp: [0, HAND], ArrowDown: [0, -HAND] };

function act(event) {
  if (event.ctrlKey || event.metaKey || event.altKey) return false;
  if (event.shiftKey && PANS[event.key]) {
    active.pan(...PANS[event.key]);
    return true;
  }
  if (event.key === "Home") put(active, 0);
  else if (event.key === "End") put(active, pictures.length - 1);
  else {
    const name = KEYS.get(event.key) ?? KEYS.get(event.key.toLowerCase());
    if (!name || buttons.get(name).disabled || buttons.get(name).hidden) return false;
    acts.get(name)();
    mirror();
  }
  return true;
}

// Buttons that say a state follow it, however it came about.
function mirror() {
  press("invert", active.view.invert);
}

function key(event) {
  // Letters act only where the viewer has the focus (WCAG 2.1.4); left and right also where
  // nothing has.
  const inside = viewer.contains(event.target);
  const nowhere = event.target === document.body && ["ArrowLeft", "ArrowRight"].includes(event.key);
  if ((inside || nowhere) && act(event)) event.preventDefault();
}

// --- begin -----------------------------------------------------------------------------------

viewer.prepend(toolbar());
viewer.append(status);
viewer.querySelector(".help").hidden = false;
buttons.get("marks").hidden = !pictures.some(({ marks }) => marks.length);
for (const figure of panesBox.querySelectorAll(".pane")) add(figure);
active = panes[0];
showBeside();
for (const pane of [...panes].reverse()) put(pane, pictures.findIndex(({ id }) => id === pane.figure.dataset.id));
say("");
links.forEach((link, index) => link.addEventListener("click", (event) => {
  if (event.ctrlKey || event.metaKey || event.shiftKey) return; // a tab of its own
  event.preventDefault();
  put(active, index);
}));
document.addEventListener("keydown", key);
document.addEventListener("fullscreenchange", () => press("full", Boolean(document.fullscreenElement)));
viewer.dataset.ready = "true";
