// What HTML alone cannot do. Every page works without this file.

// After a part of the page was replaced, the focus goes to what replaced it, not to the top of the page.
document.addEventListener("htmx:after:swap", () => {
  const alert = document.querySelector("#alert.error");
  const next = document.querySelector("[data-focus]");
  // What was done before is old news beside what went wrong now.
  if (alert) document.querySelector(".done")?.remove();
  if (alert) alert.scrollIntoView({ block: "nearest" });
  else if (next) {
    next.removeAttribute("data-focus");
    next.focus();
  }
});

// One key for what a button marked with data-key does, unless somebody is typing.
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (event.target.closest("input, textarea, select")) return;
  // A keyboard that is set to Hangul sends ㅁ for the key A: what counts is the key.
  const letter = /^Key([A-Z])$/.exec(event.code);
  const key = letter && !/^[a-z]$/i.test(event.key) ? letter[1].toLowerCase() : event.key;
  const found = document.querySelector(`[data-key="${CSS.escape(key)}"]`);
  if (!found) return;
  event.preventDefault();
  if (found.matches("input, textarea, select")) found.focus();
  else found.click();
});

// A second click on a button that is at work does nothing.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.dataset.sent && Date.now() - Number(form.dataset.sent) < 1000) {
    event.preventDefault();
    event.stopImmediatePropagation();
  } else form.dataset.sent = String(Date.now());
}, true);
