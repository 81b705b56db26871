// The console's keys, help, live refresh and words for what went wrong. Pages say what they need by data attributes:
// data-row (a row that opens its first link), data-key (a key that focuses or presses), data-opens (a dialog's id),
// data-live (a part that is loaded again from its address when something happened), data-sends (a form sent on change).
"use strict";

const typing = (element) => element.closest("input, textarea, select, [contenteditable]") !== null;
const rows = () => [...document.querySelectorAll("[data-row]")];

function step(by) {
  const all = rows();
  if (!all.length) return;
  const at = all.findIndex((row) => row.classList.contains("at"));
  const next = all[Math.min(all.length - 1, Math.max(0, at + (at < 0 && by < 0 ? 1 : by)))];
  all.forEach((row) => row.classList.toggle("at", row === next));
  const link = next.querySelector("a, button");
  if (link) link.focus({ preventScroll: true });
  next.scrollIntoView({ block: "nearest" });
}

function press(key) {
  const wanted = document.querySelector(`[data-key="${CSS.escape(key)}"]`);
  if (!wanted) return false;
  if (wanted.matches("input, select, textarea")) { wanted.focus(); if (wanted.select) wanted.select(); }
  else wanted.click();
  return true;
}

document.addEventListener("keydown", (event) => {
  if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "Escape" && typing(event.target)) { event.target.blur(); return; }
  if (typing(event.target) || document.querySelector("dialog[open]")) return;
  let done = true;
  if (event.key === "j") step(1);
  else if (event.key === "k") step(-1);
  else if (event.key === "g") location.assign("/");
  else if (event.key === "Enter" && !event.target.closest("a, button, summary")) {
    const link = document.querySelector("[data-row].at a");
    if (link) link.click(); else done = false;
  } else done = event.key.length === 1 && press(event.key);
  if (done) event.preventDefault();
});

document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-opens]");
  if (opener) document.getElementById(opener.dataset.opens).showModal();
  const menu = document.querySelector("details.who[open]");
  if (menu && !menu.contains(event.target)) menu.open = false;
  const row = event.target.closest("[data-row]");
  if (row && !event.target.closest("a, button, input, select, label, summary") && !String(getSelection())) {
    const link = row.querySelector("a");
    if (link) link.click();
  }
});

document.addEventListener("change", (event) => {
  const form = event.target.form;
  if (form && "sends" in form.dataset && !event.target.matches("[type=search], [type=text]")) form.requestSubmit();
});

document.addEventListener("htmx:responseError", (event) => tell(event.detail.xhr.responseText));
document.addEventListener("htmx:sendError", () => tell(""));

function tell(page) {
  const found = new DOMParser().parseFromString(page, "text/html").querySelector("[data-trouble]");
  const words = document.createElement("p");
  words.className = "complaint";
  words.setAttribute("role", "alert");
  words.textContent = found ? found.textContent.replace(/\s+/g, " ") : document.documentElement.dataset.offline;
  document.getElementById("said").replaceChildren(words);
}

// What lives: one stream for the page; after news each live part is fetched again, at most once a second.
function watch() {
  const parts = () => [...document.querySelectorAll("[data-live]")];
  if (!parts().length || !window.EventSource) return;
  const sign = document.querySelector(".live");
  const state = (on) => { if (sign) { sign.dataset.state = on ? "on" : "off"; sign.textContent = on ? sign.dataset.on : sign.dataset.off; } };
  let waiting = null;
  const refresh = async () => {
    waiting = null;
    for (const part of parts()) {
      const at = document.querySelector("[data-row].at")?.dataset.row;
      const held = document.activeElement?.closest("[data-row]")?.dataset.row;
      const answer = await fetch(part.dataset.live, { headers: { "HX-Request": "true", "X-Background": "1" } }).catch(() => null);
      if (!answer || !answer.ok) continue;
      if (answer.headers.get("HX-Redirect")) { location.reload(); return; }
      const known = new Set(rows().map((row) => row.dataset.row));
      const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
      part.replaceChildren(...fresh.body.childNodes);
      for (const row of rows()) {
        if (known.size && !known.has(row.dataset.row)) row.classList.add("fresh");
        if (row.dataset.row === at) row.classList.add("at");
        if (row.dataset.row === held) row.querySelector("a, button")?.focus({ preventScroll: true });
      }
    }
  };
  const source = new EventSource("/events");
  source.addEventListener("open", () => state(true));
  source.addEventListener("error", () => state(false));
  source.addEventListener("changed", () => { waiting ??= setTimeout(refresh, 300); });
  addEventListener("pagehide", () => source.close());
}

document.addEventListener("DOMContentLoaded", watch);
