// The hints of the tour are the server's; here Escape leaves them, and the focus goes along from one to the next.
// Nothing waits for a hint: keys and pointer work as ever.

const BUSY = "dialog[open], :popover-open, details[data-menu][open]";

document.addEventListener("keydown", (event) => {
  const tour = document.getElementById("tour");
  if (!tour || event.key !== "Escape" || event.isComposing || event.defaultPrevented || document.querySelector(BUSY)) return;
  (tour.querySelector("#tour-leave") ?? tour.querySelector("#tour-next")).click();
});

document.addEventListener("htmx:afterSettle", () => {
  const next = document.querySelector("#tour[data-goes-on]");
  if (!next) return;
  delete next.dataset.goesOn;
  next.querySelector("h2").focus({ preventScroll: true });
});
