// A select with many choices (`data-find`) gets a field to search them: what is typed narrows the list, arrows walk it,
// Enter takes, Escape leaves it as it was. The select itself stays in the form and says what is chosen, so that nothing
// else need know; without scripts, and where a finger is all there is, it is an ordinary select.

import { mean, meant, plain, walk } from "./options.js";
import { word } from "./words.js";

const FEWEST = 8;
const byTouch = matchMedia("(pointer: coarse)");

function make(tag, attributes, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

class Finder {
  constructor(select) {
    this.select = select;
    this.id = `${select.id}-find`;
    this.field = make("input", {
      type: "text", id: this.id, role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false",
      "aria-controls": `${this.id}-list`, autocomplete: "off", spellcheck: "false",
    });
    for (const name of ["aria-describedby", "aria-invalid", "aria-label"])
      if (select.hasAttribute(name)) this.field.setAttribute(name, select.getAttribute(name));
    this.field.disabled = select.disabled;
    this.list = make("div", { class: "menu find-list", id: `${this.id}-list`, role: "listbox", hidden: "" });
    this.none = make("p", { class: "unseen", role: "status" });
    this.whole = make("span", { class: "find" });
    select.before(this.whole);
    this.whole.append(this.field, this.list, this.none, select);
    select.hidden = true;
    for (const label of document.querySelectorAll(`label[for="${CSS.escape(select.id)}"]`)) label.htmlFor = this.id;
    const label = this.field.labels[0];
    if (label) this.list.setAttribute("aria-label", label.textContent.trim());
    this.show();
    this.listen();
  }

  get isOpen() {
    return !this.list.hidden;
  }

  show() {
    this.field.value = this.select.selectedOptions[0]?.label.trim() ?? "";
  }

  open(words = "") {
    this.list.hidden = false;
    this.field.setAttribute("aria-expanded", "true");
    this.draw(plain(words).split(/\s+/).filter(Boolean));
  }

  close() {
    this.list.hidden = true;
    this.field.setAttribute("aria-expanded", "false");
    mean(null, this.field, this.list);
    this.none.textContent = "";
  }

  draw(words) {
    const groups = [];
    let count = 0;
    for (const part of this.select.children) {
      const heading = part.tagName === "OPTGROUP" ? part.label : "";
      const found = [...(heading ? part.children : [part])].filter((option) => {
        const text = plain(`${heading} ${option.label}`);
        return !option.disabled && words.every((word) => text.includes(word));
      });
      if (!found.length) continue;
      count += found.length;
      const options = found.map((option) => this.option(option));
      if (!heading) groups.push(...options);
      else groups.push(make("div", { role: "group", "aria-label": heading }, make("span", { class: "find-group quiet small", "aria-hidden": "true" }, heading), ...options));
    }
    this.list.replaceChildren(...groups);
    this.none.textContent = count ? "" : word("Nothing is called so.");
    if (!count) this.list.append(make("p", { class: "quiet find-none", "aria-hidden": "true" }, this.none.textContent));
    const chosen = words.length ? null : this.list.querySelector("[data-chosen]");
    mean(chosen ?? this.list.querySelector("[role=option]"), this.field, this.list);
  }

  option(option) {
    const place = [...this.select.options].indexOf(option);
    const chosen = place === this.select.selectedIndex ? { "data-chosen": "" } : {};
    return make("div", { role: "option", id: `${this.id}-${place}`, "data-place": place, "aria-selected": "false", ...chosen }, option.label.trim());
  }

  walk(step) {
    if (this.isOpen) walk(step, this.field, this.list);
    else this.open();
  }

  take(option) {
    if (option) {
      this.select.selectedIndex = Number(option.dataset.place);
      this.select.dispatchEvent(new Event("change", { bubbles: true }));
    }
    this.leave();
  }

  leave() {
    this.close();
    this.show();
  }

  listen() {
    this.field.addEventListener("input", () => this.open(this.field.value));
    this.field.addEventListener("click", () => (this.isOpen ? null : (this.field.select(), this.open())));
    this.field.addEventListener("focus", () => this.field.select());
    this.field.addEventListener("blur", () => this.leave());
    // The focus stays in the field while somebody points into the list.
    this.list.addEventListener("pointerdown", (event) => event.preventDefault());
    this.list.addEventListener("mousedown", (event) => event.preventDefault());
    this.list.addEventListener("click", ({ target }) => {
      const option = target.closest("[role=option]");
      if (option) this.take(option);
    });
    this.field.addEventListener("keydown", (event) => this.press(event));
    this.select.form?.addEventListener("reset", () => setTimeout(() => this.leave()));
  }

  press(event) {
    if (event.isComposing || event.ctrlKey || event.metaKey) return;
    if (event.key === "ArrowDown") this.walk(1);
    else if (event.key === "ArrowUp") this.walk(-1);
    else if (event.key === "Enter" && this.isOpen) this.take(meant(this.list));
    else if (event.key === "Escape" && this.isOpen) this.leave();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }
}

function watch() {
  if (byTouch.matches) return;
  for (const select of document.querySelectorAll("select[data-find]:not([data-found])")) {
    select.dataset.found = "";
    if (select.options.length >= FEWEST && !select.multiple) new Finder(select);
  }
}

document.addEventListener("htmx:afterSettle", watch);
watch();
