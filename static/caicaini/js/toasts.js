/** Short news at the edge of the page: they leave by themselves, but not while someone points at them. */

import { onAction } from "./actions.js";
import { announce } from "./announce.js";
import { fromTemplate } from "./strings.js";

const LIFE = 12_000;
const UNDO_LIFE = 55_000; // the server undoes for a minute
const shelf = document.getElementById("toasts");

/** Show a short text. */
export function toast(words) {
  const item = fromTemplate("toast-template");
  item.firstElementChild.textContent = words;
  shelf.append(item);
}

function arm(item) {
  const life = item.dataset.toast === "undo" ? UNDO_LIFE : LIFE;
  let timer = 0;
  const start = () => (timer = setTimeout(() => item.remove(), life));
  const pause = () => clearTimeout(timer);
  item.addEventListener("pointerenter", pause);
  item.addEventListener("focusin", pause);
  item.addEventListener("pointerleave", start);
  item.addEventListener("focusout", start);
  announce(item.firstElementChild.textContent);
  start();
}

/** Take over the toasts that the server sends, now and later. */
export function startToasts() {
  [...shelf.children].forEach(arm);
  new MutationObserver((changes) => {
    for (const { addedNodes } of changes) for (const node of addedNodes) if (node.matches?.(".toast")) arm(node);
  }).observe(shelf, { childList: true });
  onAction("close-toast", (button) => button.closest(".toast").remove());
}
