// Puts a part of the page, by its id, in the place of what is there: from HTML that the server sent.

export function exchange(id, html) {
  const made = new DOMParser().parseFromString(html, "text/html").getElementById(id);
  const there = document.getElementById(id);
  if (!made || !there) return false;
  there.replaceWith(made);
  window.htmx.process(made);
  return true;
}
