// Keys of one letter, which people may switch off (WCAG 2.1.4): speech input types letters.
const SWITCH = "medpix2-keys";

export function keysAreOn() {
  try {
    return localStorage.getItem(SWITCH) !== "off";
  } catch {
    return true; // no storage: a private window
  }
}

export function switchKeys(on) {
  try {
    localStorage.setItem(SWITCH, on ? "on" : "off");
  } catch {
    // It holds for no longer than this page, then.
  }
}

// Whether what is typed belongs to the element that has the focus.
export function isTyping(target) {
  return Boolean(target.closest?.("input:not([type=checkbox]), textarea, select, [contenteditable]"));
}

// Call `keys[event.key]` for keys that nothing else wants; a function that returns false passes.
export function onKeys(keys) {
  document.addEventListener("keydown", (event) => {
    const act = Object.hasOwn(keys, event.key) ? keys[event.key] : null;
    if (!act || event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    if (event.key.length === 1 && (isTyping(event.target) || !keysAreOn())) return;
    if (act(event) !== false) event.preventDefault();
  });
}
