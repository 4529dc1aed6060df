// News shows by itself while the page is open, and a second tap on a button sends nothing twice. Without it all works too.

// Signing out here too removes what somebody has typed at the desk.
import "../ui/drafts.js";
import "../ui/toast.js";

const SETTLE_MS = 150;
let stream = null;
let timer = 0;

async function refresh() {
  const answer = await fetch(location.pathname, { headers: { Accept: "text/html" } }).catch(() => null);
  if (!answer?.ok) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const part of document.querySelectorAll("[data-fresh]")) {
    const now = fresh.getElementById(part.id);
    if (!now || part.contains(document.activeElement)) continue;
    if (part.innerHTML !== now.innerHTML) part.replaceWith(document.adoptNode(now));
  }
}

function soon() {
  clearTimeout(timer);
  timer = setTimeout(refresh, SETTLE_MS);
}

function follow() {
  const { follow: address } = document.body.dataset;
  if (stream || !address || document.hidden) return;
  stream = new EventSource(address);
  stream.addEventListener("ticket", soon);
  stream.addEventListener("resync", soon);
}

function rest() {
  stream?.close();
  stream = null;
}

document.addEventListener("visibilitychange", () => {
  if (document.hidden) return rest();
  follow();
  soon();
});
window.addEventListener("pagehide", rest);
window.addEventListener("pageshow", ({ persisted }) => {
  for (const button of document.querySelectorAll("[data-once] button[disabled]")) button.disabled = false;
  if (persisted) {
    follow();
    soon();
  }
});
document.addEventListener("submit", ({ target }) => {
  if (!target.matches("[data-once]")) return;
  // After the form has been read, as a disabled button is not sent with it.
  setTimeout(() => target.querySelectorAll("button").forEach((button) => (button.disabled = true)), 0);
});
follow();
