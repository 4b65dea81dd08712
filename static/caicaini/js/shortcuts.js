/** Keys for people who do not like to leave the keyboard; the single characters can be switched off. */

import { onAction } from "./actions.js";

const KEY = "single-keys";
const dialog = document.getElementById("shortcuts");
const toggle = document.getElementById("single-keys");

function isTyping(target) {
  return target.closest("input:not([type=radio], [type=checkbox]), textarea, select, [contenteditable]");
}

function isSomethingOpen() {
  return document.querySelector("dialog[open], .menu:popover-open, #room[data-sheet=open]");
}

function startToggle() {
  toggle.checked = localStorage.getItem(KEY) !== "off";
  toggle.addEventListener("change", () => localStorage.setItem(KEY, toggle.checked ? "on" : "off"));
}

/** Bind the keys and the dialog that lists them. */
export function startShortcuts(composer) {
  const single = new Map([
    ["?", () => dialog.showModal()],
    ["/", () => composer.focus()],
    ["n", () => document.getElementById("new-conversation").click()],
  ]);
  startToggle();
  document.addEventListener("keydown", (event) => {
    if (event.isComposing || event.defaultPrevented || isSomethingOpen()) return;
    if (event.key === "Escape" && !event.target.closest(".rename") && composer.stop()) return event.preventDefault();
    const action = single.get(event.key);
    if (!action || !toggle.checked || isTyping(event.target) || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    action();
  });
  onAction("shortcuts", () => {
    document.getElementById("account-menu").hidePopover();
    dialog.showModal();
  });
  onAction("close-dialog", () => dialog.close());
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
}
