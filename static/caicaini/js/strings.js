/** The words that scripts show: they come from the page's template, so that gettext translates them. */

const texts = new Map(
  [...(document.getElementById("strings")?.content.children ?? [])].map((item) => [item.dataset.key, item.textContent]),
);

/** Give a text by its key, with its {names} filled in. */
export function text(key, values = {}) {
  return (texts.get(key) ?? "").replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
}

/** Give a copy of the first element of a template of the page. */
export function fromTemplate(id) {
  return document.importNode(document.getElementById(id).content.firstElementChild, true);
}
