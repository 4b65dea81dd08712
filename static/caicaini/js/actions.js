/** Clicks on `data-action` buttons, wherever they are and whenever they came into the page. */

const handlers = new Map();

/** Call `handler(button, event)` when a button with this action is pressed. */
export function onAction(name, handler) {
  handlers.set(name, handler);
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-action]");
  if (button) handlers.get(button.dataset.action)?.(button, event);
});
