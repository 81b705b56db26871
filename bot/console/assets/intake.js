// Keys of the call page: Alt+digit chooses what carries data-digit, Ctrl+Enter files. A select with data-picks
// becomes a choice of that name, as if its radio button had been there.
"use strict";

addEventListener("keydown", (event) => {
  const form = document.getElementById("call");
  if (!form || event.isComposing) return;
  if (event.ctrlKey && event.key === "Enter") {
    event.preventDefault();
    form.requestSubmit(form.querySelector("[data-files]"));
    return;
  }
  const digit = event.altKey && /^(?:Digit|Numpad)(\d)$/.exec(event.code);
  if (!digit) return;
  const wanted = form.querySelector(`[data-digit="${digit[1]}"]`);
  if (!wanted) return;
  event.preventDefault();
  if (wanted.matches("input")) wanted.click();
  else wanted.focus();
});

addEventListener("change", (event) => {
  const picks = event.target.dataset?.picks;
  if (!picks || !event.target.value) return;
  const form = event.target.form;
  form.querySelectorAll(`input[name="${CSS.escape(picks)}"]`).forEach((one) => { one.checked = false; });
  const chosen = document.createElement("input");
  Object.assign(chosen, { type: "radio", name: picks, value: event.target.value, checked: true, hidden: true });
  event.target.after(chosen);
}, true);

// A form that was filed or left is not heard again under way.
addEventListener("submit", (event) => {
  if (event.target.id === "call" && window.htmx) window.htmx.trigger(event.target, "htmx:abort");
}, true);
