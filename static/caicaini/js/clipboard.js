/** Copies a code block as text, and an answer as text and as formatted text. */

import { onAction } from "./actions.js";
import { announce } from "./announce.js";
import { text } from "./strings.js";
import { toast } from "./toasts.js";

const SHOWN = 2_000;

async function write(node) {
  const plain = node.innerText.trim();
  if (!navigator.clipboard) return writeBySelection(node);
  const parts = { "text/plain": plain };
  if (!node.matches("code")) parts["text/html"] = node.innerHTML;
  const blobs = Object.entries(parts).map(([type, data]) => [type, new Blob([data], { type })]);
  await navigator.clipboard.write([new ClipboardItem(Object.fromEntries(blobs))]);
}

/** On plain http there is no clipboard: let the browser copy a selection. */
function writeBySelection(node) {
  const selection = getSelection();
  selection.selectAllChildren(node);
  const isCopied = document.execCommand("copy");
  selection.removeAllRanges();
  if (!isCopied) throw new Error("refused");
}

async function copy(node, button) {
  try {
    await write(node);
  } catch {
    return toast(text("not-copied"));
  }
  announce(text("copied"));
  confirm(button);
}

/** Show on the button that it worked: another icon, or another word. */
function confirm(button) {
  if (button.dataset.copied) return;
  const use = button.querySelector("use");
  const [holder, name] = use ? [use.getAttributeNode("href"), "value"] : [button, "textContent"];
  const before = holder[name];
  button.dataset.copied = "yes";
  holder[name] = use ? "#i-check" : text("copied");
  setTimeout(() => {
    holder[name] = before;
    delete button.dataset.copied;
  }, SHOWN);
}

/** An answer without its buttons. */
function readable(body) {
  const holder = body.cloneNode(true);
  holder.querySelectorAll("figcaption").forEach((caption) => caption.remove());
  holder.className = "visually-hidden copying";
  document.body.append(holder);
  return holder;
}

/** Bind the copy buttons. */
export function startClipboard() {
  onAction("copy-code", (button) => copy(button.closest("figure").querySelector("code"), button));
  onAction("copy-message", async (button) => {
    const holder = readable(button.closest(".message").querySelector(".message-body"));
    await copy(holder, button);
    holder.remove();
  });
}
