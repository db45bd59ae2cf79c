// The search page without reloading: filters, pages and the back button; keys; the age slider.
import { isTyping, keysAreOn, onKeys, switchKeys } from "./keys.js";

const main = document.getElementById("main");
const SWAPPED = ".facets a, .chips a, .pages a, .choices a, .widened a, .nothing a";
let under_way = null;

// Show the search of an address in place; what cannot be had that way is loaded as a page.
async function show(address, { push = true, focus = null } = {}) {
  under_way?.abort();
  under_way = new AbortController();
  main.classList.add("waiting");
  let text;
  try {
    const answer = await fetch(address, { signal: under_way.signal, headers: { Accept: "text/html" } });
    text = await answer.text();
  } catch (error) {
    if (error.name !== "AbortError") location.assign(address);
    return;
  }
  const made = new DOMParser().parseFromString(text, "text/html");
  const fresh = made.getElementById("main");
  if (!fresh?.querySelector(".search")) {
    location.assign(address);
    return;
  }
  const open = new Map([...main.querySelectorAll("details[id]")].map((part) => [part.id, part.open]));
  const scrolled = main.querySelector(".facets")?.scrollTop ?? 0;
  if (push) history.pushState(null, "", address);
  document.title = made.title;
  main.replaceChildren(...[...fresh.childNodes].map((node) => document.adoptNode(node)));
  main.classList.remove("waiting");
  for (const [id, was] of open) {
    const part = document.getElementById(id);
    if (part) part.open = was;
  }
  main.querySelector(".facets").scrollTop = scrolled;
  enliven();
  if (focus) (main.querySelector(focus) ?? main.querySelector("#q")).focus({ preventScroll: true });
  const said = main.querySelector(".refusal h1") ?? main.querySelector("#total");
  document.getElementById("said").textContent = said.textContent;
}

// Where the focus should be after a link was followed.
function focusAfter(link) {
  if (link.closest(".pages")) return ".result";
  const facet = link.closest(".facets")?.querySelectorAll("a") && link.closest("details[id^=facet-]");
  if (facet) {
    const name = link.querySelector(".name").textContent;
    return `#${facet.id} a[data-name="${CSS.escape(name)}"]`;
  }
  const choices = link.closest(".choices");
  return choices ? `.choices[aria-label="${choices.getAttribute("aria-label")}"] a[aria-current]` : "#q";
}

function addressOf(form) {
  const given = [...new FormData(form)].filter(([, value]) => value !== "");
  return `${form.action}?${new URLSearchParams(given)}`;
}

function enliven() {
  for (const link of main.querySelectorAll(".facets a")) {
    link.dataset.name = link.querySelector(".name")?.textContent ?? "";
  }
  for (const within of main.querySelectorAll(".within")) enlivenWithin(within);
  const ages = main.querySelector(".ages");
  if (ages) enlivenAges(ages);
  const keys = main.querySelector(".keys");
  if (keys) {
    keys.hidden = false;
    keys.querySelector("input").checked = keysAreOn();
    keys.addEventListener("change", (event) => switchKeys(event.target.checked));
  }
  const later = main.querySelector(".facets[data-later]");
  if (later) countLater(later);
}

// A box that narrows the values of a facet as one types.
function enlivenWithin(within) {
  within.hidden = false;
  const facet = within.closest("details");
  within.querySelector("input").addEventListener("input", (event) => {
    const wanted = event.target.value.trim().toLowerCase();
    for (const value of facet.querySelectorAll("li")) {
      value.hidden = !value.querySelector(".name").textContent.toLowerCase().includes(wanted);
    }
    const more = facet.querySelector(".more");
    if (more && wanted) more.open = true;
  });
}

// Two handles; the numbers beside them are what counts.
function enlivenAges(form) {
  const slider = form.querySelector(".slider");
  const [low, high] = slider.querySelectorAll("input");
  const top = Number(high.max);
  slider.hidden = false;
  const tell = () => {
    form.elements.age_from.value = Number(low.value) > 0 ? low.value : "";
    form.elements.age_to.value = Number(high.value) < top ? high.value : "";
  };
  low.addEventListener("input", () => {
    low.value = Math.min(Number(low.value), Number(high.value));
    tell();
  });
  high.addEventListener("input", () => {
    high.value = Math.max(Number(low.value), Number(high.value));
    tell();
  });
  for (const handle of [low, high]) {
    handle.addEventListener("change", () => {
      show(addressOf(form), { focus: `.slider [aria-label="${handle.getAttribute("aria-label")}"]` });
    });
  }
}

// Where counting takes longer than finding, the filters come after the results.
async function countLater(waiting) {
  const answer = await fetch(waiting.dataset.later, { headers: { Accept: "text/html" } });
  const made = new DOMParser().parseFromString(await answer.text(), "text/html");
  const facets = made.querySelector(".facets");
  if (facets && waiting.isConnected) {
    waiting.replaceWith(document.adoptNode(facets));
    enliven();
  }
}

document.addEventListener("click", (event) => {
  const link = event.target.closest?.("a");
  const plain = event.button === 0 && !event.ctrlKey && !event.metaKey && !event.shiftKey && !event.altKey;
  if (!plain || !link || !main.contains(link) || !link.matches(SWAPPED)) return;
  event.preventDefault();
  show(link.href, { focus: focusAfter(link) });
  if (link.closest(".pages")) scrollTo({ top: 0 });
});
document.addEventListener("submit", (event) => {
  if (!event.target.matches(".search, .ages")) return;
  event.preventDefault();
  show(addressOf(event.target), { focus: event.target.matches(".ages") ? ".ages button" : "#q" });
});
addEventListener("popstate", () => {
  if (!location.hash) show(location.href, { push: false });
});

// The result in a direction from the one that has the focus; from elsewhere, the first.
function go(step) {
  const results = [...main.querySelectorAll(".result")];
  const at = results.indexOf(document.activeElement);
  if (at < 0) {
    const idle = document.activeElement === document.body || document.activeElement?.id === "q";
    if (!idle || step.key !== "ArrowDown") return false;
    results[0]?.focus();
    return true;
  }
  const columns = results.filter((one) => one.offsetTop === results[0].offsetTop).length || 1;
  const list = Boolean(main.querySelector(".list"));
  const by = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: list ? -1 : -columns, ArrowDown: list ? 1 : columns }[step.key];
  if (at + by < 0 && step.key === "ArrowUp") document.getElementById("q").focus();
  else results[Math.min(Math.max(at + by, 0), results.length - 1)].focus();
  return true;
}

function turn(which) {
  const link = main.querySelector(`.pages a[rel=${which}]`);
  link?.click();
  return Boolean(link);
}

const arrow = (event) => (isTyping(event.target) && !(event.target.id === "q" && event.key === "ArrowDown") ? false : go(event));
onKeys({
  "/": () => {
    const box = document.getElementById("q");
    box.focus();
    box.select();
  },
  ArrowLeft: arrow,
  ArrowRight: arrow,
  ArrowUp: arrow,
  ArrowDown: arrow,
  n: () => turn("next"),
  p: () => turn("prev"),
  Escape: (event) => (event.target.id === "q" ? event.target.blur() : false),
});
enliven();
