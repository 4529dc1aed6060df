// Puts text into a field as if it had been typed: what is selected gives way, and Ctrl+Z takes it back.

export function insert(field, text) {
  if (document.activeElement !== field) field.focus();
  // Old, but the only way that keeps the browser's own undo; a field that refuses it is written to.
  if (text ? document.execCommand("insertText", false, text) : document.execCommand("delete")) return;
  put(field, text);
}

// The same where the focus is to stay elsewhere; the browser cannot take it back.
export function put(field, text) {
  field.setRangeText(text, field.selectionStart, field.selectionEnd, "end");
  field.dispatchEvent(new Event("input", { bubbles: true }));
}

export function replace(field, from, to, text) {
  field.setSelectionRange(from, to);
  insert(field, text);
}
