/** The messages on the page: added when accepted, patched while written, fetched again when another tab wrote. */

import { currentConversation } from "./current.js";
import { morph } from "./morph.js";
import { text } from "./strings.js";
import { toast } from "./toasts.js";

const list = document.getElementById("messages");

/** Give the reply that a run writes, if it is on the page. */
export function replyOf(run) {
  return list.querySelector(`:scope > [data-run="${CSS.escape(run)}"]`);
}

/** Give the replies that are being written. */
export function runningReplies() {
  return [...list.querySelectorAll(':scope > [data-state="running"][data-run]')];
}

/** Put new messages at the end, skipping those that are there already. */
export function append(html) {
  for (const article of parse(html)) if (!document.getElementById(article.id)) list.append(article);
}

/** Replace a reply's blocks from `first` on. */
export function patchBlocks(reply, first, blocks) {
  const body = reply.querySelector(".message-body");
  while (body.children.length > first + blocks.length) body.lastElementChild.remove();
  blocks.forEach((html, offset) => {
    const fresh = document.createElement("div");
    fresh.className = "block";
    fresh.innerHTML = html;
    const old = body.children[first + offset];
    if (old) morph(old, fresh);
    else body.append(fresh);
  });
}

/** Ask the server for this conversation's messages and bring the page up to date; running replies keep what they have. */
export async function fetchAgain() {
  const asked = currentConversation();
  const known = new Set([...list.children].map((article) => article.id));
  if (!asked) return;
  try {
    const response = await fetch(`${location.pathname}?messages=1`, { headers: { "HX-Request": "true" } });
    if (!response.ok || response.redirected) throw new Error(`status ${response.status}`);
    const html = await response.text();
    if (asked === currentConversation()) merge(parse(html), known);
  } catch {
    toast(text("loading-failed"));
  }
}

/** `known` are the ids from before the question: what was added since then is newer than the answer. */
function merge(articles, known) {
  articles.forEach((fresh, index) => {
    const old = document.getElementById(fresh.id);
    if (!old) list.insertBefore(fresh, list.children[index] ?? null);
    else if (old.dataset.state !== "running" || fresh.dataset.state !== "running") morph(old, fresh);
  });
  const kept = new Set(articles.map((article) => article.id));
  for (const article of [...list.children]) if (known.has(article.id) && !kept.has(article.id)) article.remove();
}

function parse(html) {
  const holder = document.createElement("template");
  holder.innerHTML = html;
  return [...holder.content.querySelectorAll("article.message")];
}
