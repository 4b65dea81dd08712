/**
 * Unsent text survives a reload, a phone that drops the tab and a new sign-in: when the page goes away it is put into
 * this tab's sessionStorage, and taken out again when it is back. It is gone when sent, at sign-out, when the tab closes, and for anybody else.
 */

import { currentConversation } from "./current.js";

const PREFIX = "draft:";

function mine() {
  return `${PREFIX}${document.body.dataset.user}:`;
}

function key() {
  return mine() + (currentConversation() ?? "new");
}

/** Forget every draft of this tab that passes the test. */
export function forgetDrafts(test = () => true) {
  for (const name of Object.keys(sessionStorage)) {
    if (name.startsWith(PREFIX) && test(name)) sessionStorage.removeItem(name);
  }
}

/** Bring the draft back, and keep it when the page leaves. */
export function startDrafts(composer) {
  forgetDrafts((name) => !name.startsWith(mine()));
  const draft = sessionStorage.getItem(key());
  if (draft) composer.text = draft;
  sessionStorage.removeItem(key());
  let isLeaving = false;
  const keep = () => {
    if (composer.isEmpty || isLeaving) sessionStorage.removeItem(key());
    else sessionStorage.setItem(key(), composer.text);
  };
  addEventListener("pagehide", keep);
  document.addEventListener("visibilitychange", () => (document.hidden ? keep() : sessionStorage.removeItem(key())));
  document.addEventListener("submit", (event) => {
    if (!event.target.matches("[data-sign-out]")) return;
    isLeaving = true;
    forgetDrafts();
  });
}
