/** What a screen reader hears: one polite region for the whole page, never the streaming text itself. */

const LONGEST = 600;
const status = document.getElementById("status");
let timer = 0;

/** Say something; a repetition is said again. */
export function announce(words) {
  clearTimeout(timer);
  status.textContent = "";
  timer = setTimeout(() => (status.textContent = words), 50);
}

/** Give the beginning of a long text, cut at a word. */
export function beginning(words) {
  const flat = words.replace(/\s+/g, " ").trim();
  return flat.length <= LONGEST ? flat : `${flat.slice(0, LONGEST).replace(/\s\S*$/, "")}…`;
}
