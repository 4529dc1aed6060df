// What scripts say, in the language of the page. `word("{} selected", 3)`: the text as it stands here is English; another
// language has its own in the page's head. Plurals are two texts.

const known = JSON.parse(document.getElementById("words")?.dataset.words || "{}");

export function word(text, ...values) {
  return (known[text] ?? text).replace(/\{\}/g, () => values.shift());
}
