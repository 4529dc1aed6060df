// `@` in a note (`data-mentions` is where the people of the desk are listed) offers whom to call in.

import { offer } from "./listbox.js";
import { word } from "./words.js";

const known = new WeakSet();
const lists = new Map();

async function fetched(at) {
  const answer = await fetch(at);
  if (!answer.ok) throw new Error(String(answer.status));
  return (await answer.json()).people;
}

// Once a page, however often the composer is exchanged; again where it failed.
function people(at) {
  if (!lists.has(at)) lists.set(at, fetched(at).catch((error) => {
    lists.delete(at);
    throw error;
  }));
  return lists.get(at);
}

document.addEventListener("focusin", ({ target }) => {
  const { mentions } = target.dataset ?? {};
  if (!mentions || known.has(target)) return;
  known.add(target);
  offer(target, { sign: "@", label: word("People of the desk"), choices: () => people(mentions) });
});
