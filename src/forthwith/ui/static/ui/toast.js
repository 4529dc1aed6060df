// A toast goes when it is dismissed, or after eight seconds unless somebody points at it.

const STAYS_MS = 8000;

function later(toast) {
  setTimeout(() => (toast.matches(":hover, :focus-within") ? later(toast) : toast.remove()), STAYS_MS);
}

function watch() {
  for (const toast of document.querySelectorAll("[data-toast]:not([data-watched])")) {
    toast.dataset.watched = "";
    later(toast);
  }
}

document.addEventListener("click", ({ target }) => target.closest("[data-dismiss]")?.closest("[data-toast]").remove());
document.addEventListener("htmx:afterSettle", watch);
watch();
