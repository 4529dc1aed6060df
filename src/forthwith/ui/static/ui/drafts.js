// What somebody has typed survives a reload, a lost session and a closed tab, until it was sent.
// `data-draft="reply-12"` on a text field names its draft; a toast with `data-clears` names the drafts that were sent.
// `data-shown-by` names the switch that shows the field: where only one of such fields has text, it is the one shown.

const PREFIX = "draft:";
const OWNER = "drafts-of";

function key(name) {
  return PREFIX + name;
}

const seen = new WeakSet();

function restore(root) {
  for (const toast of root.querySelectorAll("[data-clears]")) {
    for (const name of toast.dataset.clears.split(" ")) localStorage.removeItem(key(name));
    // Once: what is typed from now on is a new draft.
    toast.removeAttribute("data-clears");
  }
  for (const field of root.querySelectorAll("[data-draft]")) {
    const kept = localStorage.getItem(key(field.dataset.draft));
    if (kept && !field.value) field.value = kept;
  }
  const switched = [...root.querySelectorAll("[data-shown-by]")].filter((field) => !seen.has(field));
  for (const field of switched) seen.add(field);
  const written = switched.filter(({ value }) => value);
  if (written.length === 1) document.getElementById(written[0].dataset.shownBy)?.click();
}

document.addEventListener("input", ({ target }) => {
  if (!target.dataset?.draft) return;
  if (target.value) localStorage.setItem(key(target.dataset.draft), target.value);
  else localStorage.removeItem(key(target.dataset.draft));
});
document.addEventListener("htmx:afterSettle", () => restore(document));
// A desk is shared: what one person typed is not for the next who signs in, also where the first never signed out.
function forget() {
  for (const name of Object.keys(localStorage)) if (name.startsWith(PREFIX)) localStorage.removeItem(name);
}

document.addEventListener("submit", ({ target }) => {
  if (target.action?.includes("/logout/")) forget();
});
const { person } = document.body.dataset;
if (person && localStorage.getItem(OWNER) !== person) {
  forget();
  localStorage.setItem(OWNER, person);
}
restore(document);
