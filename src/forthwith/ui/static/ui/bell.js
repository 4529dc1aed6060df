// The bell (`data-bell`) says how many notices are unread. It is asked when a page is looked at, when the stream says that
// there is something new, and when the page was exchanged; until the answer has come it shows what it showed before.

let shown = null;

const bell = () => document.querySelector("[data-bell]");

function ask() {
  if (bell() && !document.hidden && window.htmx) window.htmx.trigger(bell(), "bell");
}

function remember() {
  shown = bell()?.querySelector("[data-count]")?.outerHTML ?? null;
}

function news() {
  // A list of notices says that there are more, and is not moved under a hand.
  for (const bar of document.querySelectorAll("[data-new-notices]")) bar.hidden = false;
  ask();
}

document.addEventListener("htmx:afterSettle", ({ target }) => {
  if (target.closest?.("[data-bell]") || target.id === "bell-link") return remember();
  if (target.id !== "page" || !bell()) return;
  const link = document.getElementById("bell-link");
  if (shown && !link.querySelector("[data-count]")) link.insertAdjacentHTML("beforeend", ` ${shown}`);
  ask();
});
document.addEventListener("visibilitychange", ask);
window.addEventListener("forthwith:notices", news);
window.addEventListener("pageshow", ask);
