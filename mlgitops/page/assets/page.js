// What a page does besides being read: search and filters, keys, light and dark, and looking again where it is live.
// Without it everything can be read all the same. It makes no markup: it only shows, hides and marks what is there.
"use strict";

const root = document.documentElement;
const search = document.getElementById("search");
const rows = [...document.querySelectorAll(".matrix tbody tr")];
const texts = rows.map((row) => row.textContent.toLowerCase());
const flags = [...document.querySelectorAll("button[data-flag]")];
let here = -1;

function remembered(name, value) {
  try {
    if (value !== undefined) localStorage.setItem(name, value);
    return localStorage.getItem(name);
  } catch {
    return null; // a browser that keeps nothing
  }
}

function isDark() {
  return root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
}

function showTheme() {
  document.getElementById("theme").setAttribute("aria-pressed", String(isDark()));
}

function toggleTheme() {
  root.dataset.theme = remembered("mlgitops-theme", isDark() ? "light" : "dark") ?? (isDark() ? "light" : "dark");
  showTheme();
}

function visible() {
  return rows.filter((row) => !row.hidden);
}

function filter() {
  const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
  const wanted = flags.filter((one) => one.getAttribute("aria-pressed") === "true").map((one) => one.dataset.flag);
  rows.forEach((row, index) => {
    const raised = (row.dataset.flags || "").split(" ");
    row.hidden = !words.every((word) => texts[index].includes(word)) || !wanted.every((one) => raised.includes(one));
  });
  document.getElementById("shown").value = `${visible().length} of ${rows.length}`;
  mark(-1);
}

function mark(index) {
  rows.forEach((row) => row.classList.remove("here"));
  const shown = visible();
  here = Math.min(index, shown.length - 1);
  if (here < 0) return;
  shown[here].classList.add("here");
  shown[here].querySelector("a").focus();
  shown[here].scrollIntoView({ block: "nearest" });
}

const help = document.getElementById("help");
const keys = {
  "/": () => search?.focus(),
  j: () => mark(here + 1),
  k: () => mark(Math.max(0, here - 1)),
  g: () => document.querySelector(".brand").click(),
  d: toggleTheme,
  "?": () => help.showModal(),
};

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || help.open) return;
  if (event.target.matches("input, textarea, select")) {
    if (event.key === "Escape") event.target.blur();
    return;
  }
  if (keys[event.key]) {
    event.preventDefault();
    keys[event.key]();
  }
});

const stored = remembered("mlgitops-theme");
if (stored === "light" || stored === "dark") root.dataset.theme = stored;
showTheme();
document.getElementById("theme").addEventListener("click", toggleTheme);
document.getElementById("keys").addEventListener("click", () => help.showModal());

if (search) {
  search.form.hidden = false;
  search.form.addEventListener("submit", (event) => {
    event.preventDefault();
    visible()[0]?.querySelector("a").click();
  });
  search.addEventListener("input", filter);
  for (const one of flags) {
    one.addEventListener("click", () => {
      one.setAttribute("aria-pressed", String(one.getAttribute("aria-pressed") !== "true"));
      filter();
    });
  }
  filter();
}

if ("live" in root.dataset) {
  const taken = document.querySelector("footer time").dateTime;
  const address = new URL("../taken-at", document.querySelector("script[src]").src);
  setInterval(async () => {
    if (document.hidden || search?.value || help.open || here >= 0 || scrollY > 0) return; // somebody reads
    const answer = await fetch(address).catch(() => null);
    const told = answer?.ok ? await answer.text() : "";
    if (told && told !== taken) location.reload();
  }, 10000);
}
