// Options (`role="option"`) that are walked while the focus stays in a field: the one that is meant is `aria-selected`,
// and the field names it.

// Letters without their accents, so that 'bela' finds Béla.
export const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();

export function meant(within) {
  return within.querySelector("[role=option][aria-selected=true]");
}

export function mean(option, field, within) {
  meant(within)?.setAttribute("aria-selected", "false");
  option?.setAttribute("aria-selected", "true");
  option?.scrollIntoView({ block: "nearest" });
  if (option) field.setAttribute("aria-activedescendant", option.id);
  else field.removeAttribute("aria-activedescendant");
}

// The next one, or the one before; behind the last comes the first.
export function walk(step, field, within) {
  const all = [...within.querySelectorAll("[role=option]:not([hidden])")];
  const at = all.indexOf(meant(within));
  if (all.length) mean(all[at < 0 && step < 0 ? all.length - 1 : (at + step + all.length) % all.length], field, within);
}
