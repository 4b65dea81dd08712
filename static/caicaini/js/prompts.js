/** Buttons that write for the person: prompts to start with, and another try. The person still presses Send. */

import { onAction } from "./actions.js";

/** Bind the buttons to the composer. */
export function startPrompts(composer) {
  const suggest = (words) => {
    composer.text = composer.isEmpty ? words : `${composer.text}\n\n${words}`;
    composer.focus();
  };
  onAction("prompt", (button) => suggest(button.querySelector("[data-prompt]").textContent));
  onAction("continue", (button) => suggest(button.dataset.text));
  onAction("retry", (button) => suggest(questionBefore(button.closest(".message"))));
}

function questionBefore(reply) {
  let article = reply;
  do article = article.previousElementSibling;
  while (article && article.dataset.role !== "user");
  return article?.querySelector(".message-body").innerText.trim() ?? "";
}
