// The bell (`data-bell`) says how many notices are unread. It is asked when a page is looked at, when the stream says that
// there is something new, or may have missed it, and when the page was exchanged. Nobody asked for it by hand: where no
// answer comes, or the page to sign in does, it stays as it is and says nothing.

let asked = 0;
let shown = null;

const bell = () => document.querySelector("[data-bell]");

function show(link) {
  // Its content alone, so that the focus stays on it.
  document.getElementById("bell-link")?.replaceChildren(...link.childNodes);
  shown = document.querySelector("#bell-link [data-count]")?.outerHTML ?? null;
}

async function ask() {
  const form = bell();
  if (!form || document.hidden) return;
  const turn = ++asked;
  const asking = { method: "POST", body: new FormData(form), headers: { "HX-Request": "true" }, redirect: "manual" };
  const answer = await fetch(form.action, asking).catch(() => null);
  const text = answer?.ok ? await answer.text().catch(() => "") : "";
  const link = new DOMParser().parseFromString(text, "text/html").getElementById("bell-link");
  if (link && turn === asked) show(link);
}

function news() {
  // A list of notices says that there are more, and is not moved under a hand.
  for (const bar of document.querySelectorAll("[data-new-notices]")) bar.hidden = false;
  ask();
}

document.addEventListener("htmx:afterSettle", ({ target }) => {
  if (target.id !== "page" || !bell()) return;
  // Until the answer has come it shows what it showed before.
  const link = document.getElementById("bell-link");
  if (shown && !link.querySelector("[data-count]")) link.insertAdjacentHTML("beforeend", ` ${shown}`);
  ask();
});
document.addEventListener("visibilitychange", ask);
window.addEventListener("forthwith:notices", news);
window.addEventListener("forthwith:missed", ask);
window.addEventListener("pageshow", ask);
