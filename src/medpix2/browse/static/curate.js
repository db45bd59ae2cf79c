// One key for each decision. All of it works without this script, by forms and links.

const KEPT = "medpix2-curate-keys";
const page = document.querySelector(".curate");
const keys = document.querySelector("#keys");

function keysOn() {
  return !keys || keys.checked;
}

function showKeys() {
  page.classList.toggle("no-keys", !keysOn());
}

if (keys) {
  // Keys of one letter can be turned off: they get in the way of speech input.
  keys.checked = localStorage.getItem(KEPT) !== "off";
  keys.closest("label").hidden = false;
  keys.addEventListener("change", () => {
    localStorage.setItem(KEPT, keys.checked ? "on" : "off");
    showKeys();
  });
}
showKeys();

function isWriting(target) {
  return target.matches?.("input:not([type=checkbox]), select, textarea");
}

function toggleBoxes() {
  for (const box of document.querySelectorAll(".boxes-shown")) box.checked = !box.checked;
}

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && isWriting(event.target)) {
    event.target.blur();
    return;
  }
  const sends = event.key === "Enter" && (event.ctrlKey || event.metaKey);
  if (sends && event.target.matches?.("textarea")) {
    event.target.form.querySelector("button[name=action]").click();
    return;
  }
  if (!keysOn() || event.ctrlKey || event.metaKey || event.altKey || isWriting(event.target)) return;
  const key = event.key.toLowerCase();
  if (!/^[a-z]$/.test(key)) return;
  const pressed = document.querySelector(`[data-key="${key}"]`);
  const focused = document.querySelector(`[data-focus="${key}"]`);
  if (key === "b") toggleBoxes();
  else if (pressed && !event.repeat) pressed.click();
  else if (focused) {
    focused.focus();
    focused.select?.();
  } else return;
  event.preventDefault();
});

// One press of a button is one decision.
document.addEventListener("submit", (event) => {
  if (event.target.dataset.sent) event.preventDefault();
  event.target.dataset.sent = "yes";
});
window.addEventListener("pageshow", () => {
  for (const form of document.forms) delete form.dataset.sent;
});

// The form to correct proposes the value of the chosen field.
const field = document.querySelector("#field");
const text = document.querySelector("#new");
function valueOf(name) {
  const cell = document.querySelector(`.values td[data-field="${CSS.escape(name)}"]`);
  const first = cell?.firstChild;
  return first?.nodeType === Node.TEXT_NODE ? first.data.trim() : "";
}
field?.addEventListener("change", () => {
  text.value = valueOf(field.value);
});
