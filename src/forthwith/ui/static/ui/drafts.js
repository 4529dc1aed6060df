// What somebody has typed survives a reload, a lost session and a closed tab, until it was sent.
// `data-draft="reply-12"` on a text field names its draft; a toast with `data-clears` says that it was sent.

const PREFIX = "draft:";

function key(name) {
  return PREFIX + name;
}

function restore(root) {
  for (const toast of root.querySelectorAll("[data-clears]")) localStorage.removeItem(key(toast.dataset.clears));
  for (const field of root.querySelectorAll("[data-draft]")) {
    const kept = localStorage.getItem(key(field.dataset.draft));
    if (kept && !field.value) field.value = kept;
  }
}

document.addEventListener("input", ({ target }) => {
  if (!target.dataset?.draft) return;
  if (target.value) localStorage.setItem(key(target.dataset.draft), target.value);
  else localStorage.removeItem(key(target.dataset.draft));
});
document.addEventListener("htmx:afterSettle", () => restore(document));
// A desk is shared: what one person typed is not for the next who signs in.
document.addEventListener("submit", ({ target }) => {
  if (!target.action?.includes("/logout/")) return;
  for (const name of Object.keys(localStorage)) if (name.startsWith(PREFIX)) localStorage.removeItem(name);
});
restore(document);
