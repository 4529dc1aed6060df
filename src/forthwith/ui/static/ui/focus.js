// Where the focus goes when a page was exchanged under it: to what is wrong, to what was just written, or where it was.

const SHOWN = "input:not([type=hidden]), select, textarea";
const WRITTEN = ".conversation > article:last-of-type";

export function enter(form) {
  const fields = [...form.querySelectorAll(SHOWN)];
  const refused = form.querySelector("[role=alert]") && fields.find(({ type, value }) => /^text/.test(type) && !value.trim());
  (form.querySelector("[aria-invalid=true]") || form.querySelector("[data-enter]") || refused || form.querySelector("input:checked") || fields[0] || form).focus();
}

function show(item) {
  if (!item) return;
  item.tabIndex = -1;
  // Above the composer, which stays in sight.
  item.style.scrollMarginBottom = `${(document.getElementById("composer")?.offsetHeight ?? 0) + 16}px`;
  item.focus({ preventScroll: true });
  item.scrollIntoView({ block: "end" });
}

document.addEventListener("htmx:afterSettle", ({ target, detail }) => {
  if (target.id !== "page") return;
  const from = detail.requestConfig.elt.id;
  const wrote = from === "write-reply" || from === "write-note";
  const form = document.querySelector("[data-act-form]:not([popover] *)");
  if (wrote && !document.querySelector(".composer [role=alert]")) show(document.querySelector(WRITTEN));
  else if (wrote) document.querySelector(`#${from} textarea`)?.focus();
  else if (form) enter(form);
  else if (document.activeElement === document.body) document.getElementById("main")?.focus({ preventScroll: true });
});

const waiting = document.querySelector("[data-act-form]");
if (waiting) enter(waiting.closest(".again") ?? waiting);
