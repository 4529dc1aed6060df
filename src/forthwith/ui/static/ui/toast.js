// A toast goes when it is dismissed, or after eight seconds (`data-stays`: another time) unless somebody points at it.
// A form in it, such as that to undo, takes it away when it was answered.

import { word } from "./words.js";

const STAYS_MS = 8000;

function later(toast) {
  const stays = Number(toast.dataset.stays) || STAYS_MS;
  setTimeout(() => (toast.matches(":hover, :focus-within") ? later(toast) : toast.remove()), stays);
}

function watch() {
  for (const toast of document.querySelectorAll("[data-toast]:not([data-watched])")) {
    toast.dataset.watched = "";
    later(toast);
  }
}

export function say(words) {
  const toast = document.createElement("div");
  const text = document.createElement("span");
  const dismiss = document.createElement("button");
  toast.className = "toast";
  toast.dataset.toast = "";
  text.textContent = words;
  dismiss.className = "button plain";
  dismiss.type = "button";
  dismiss.dataset.dismiss = "";
  dismiss.setAttribute("aria-label", word("Dismiss"));
  dismiss.textContent = "✕";
  toast.append(text, dismiss);
  document.getElementById("toasts")?.append(toast);
  watch();
}

document.addEventListener("click", ({ target }) => target.closest("[data-dismiss]")?.closest("[data-toast]").remove());
document.addEventListener("htmx:afterRequest", ({ detail }) => {
  if (detail.successful) detail.elt.closest?.("[data-toast]")?.remove();
});
document.addEventListener("htmx:afterSettle", watch);
watch();
