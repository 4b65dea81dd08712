/** Replies being written: follows each one on the page and puts what comes into it. */

import { announce, beginning } from "./announce.js";
import { currentConversation } from "./current.js";
import { fetchAgain, patchBlocks, replyOf, runningReplies } from "./messages.js";
import { text } from "./strings.js";
import { toast } from "./toasts.js";

const FOLLOW = "follow:";
const SECOND_TRY = 1_000; // ms

/** Connects the socket's frames with the replies; `onChange` is called when one starts or ends. */
export class Runs {
  #socket;
  #onChange;
  #wasReady = false;
  #lost = new Set(); // runs whose frames broke off once on this connection
  #fresh = new Set(); // runs followed from the start, whose thinking on the page is still the old one

  constructor(socket, onChange) {
    this.#socket = socket;
    this.#onChange = onChange;
    socket.on("ready", () => this.#onReady());
    socket.on("html", (frame) => this.#onHtml(frame));
    socket.on("reasoning", (frame) => this.#onReasoning(frame));
    socket.on("queued", (frame) => this.#onQueued(frame));
    socket.on("ended", (frame) => this.#onEnded(frame));
    socket.on("error", (frame) => this.#onError(frame));
    socket.on("changed", (frame) => this.#onChanged(frame));
  }

  /** Follow every running reply on the page, from its first block. */
  followAll() {
    for (const { dataset } of runningReplies()) {
      this.#fresh.add(dataset.run);
      this.#socket.send({ type: "follow", id: FOLLOW + dataset.run, run: dataset.run, after: 0, format: "html" });
    }
    this.#onChange();
  }

  /** Bring the messages up to date and follow what runs. */
  async refetch() {
    await fetchAgain();
    this.followAll();
  }

  /** A reply was accepted: its frames come by themselves. */
  begin() {
    announce(text("answering"));
    this.#onChange();
  }

  /** After a pause other tabs may have written: fetch first. */
  #onReady() {
    if (this.#wasReady) this.refetch();
    else this.followAll();
    this.#wasReady = true;
    this.#lost.clear();
  }

  /** A run that cannot be followed gets one more try, from what is stored. */
  #onError({ id, run, message }) {
    if (!run || (id && !id.startsWith(FOLLOW))) return;
    if (this.#lost.has(run)) return toast(message);
    this.#lost.add(run);
    setTimeout(() => this.refetch(), SECOND_TRY);
  }

  #onHtml({ run, first, blocks }) {
    const reply = replyOf(run);
    if (reply) patchBlocks(reply, first, blocks);
  }

  #onReasoning({ run, text: words }) {
    const reply = replyOf(run);
    if (!reply) return;
    const details = reply.querySelector(".reasoning");
    if (!details) return;
    const holder = details.querySelector(".reasoning-text");
    if (this.#fresh.delete(run)) holder.textContent = "";
    reply.dataset.thinking = "";
    if (!words) return;
    details.hidden = false;
    holder.append(words);
  }

  /** The provider takes no more at once: say how many are before this one. */
  #onQueued({ run, place }) {
    const line = replyOf(run)?.querySelector(".waiting-model");
    if (!line) return;
    line.dataset.waiting ??= line.textContent;
    line.textContent = place ? text("queued", { place }) : line.dataset.waiting;
    if (place) announce(line.textContent);
  }

  #onEnded({ run, end, error, html }) {
    const reply = replyOf(run);
    this.#fresh.delete(run);
    if (!reply) return;
    reply.dataset.state = end;
    reply.removeAttribute("aria-busy");
    delete reply.dataset.thinking;
    if (html) reply.querySelector(".message-foot").outerHTML = html;
    announce(`${error?.message ?? text(end)} ${beginning(reply.querySelector(".message-body").innerText)}`);
    this.#onChange();
  }

  #onChanged({ what, conversation, run }) {
    if (what === "run" && conversation === currentConversation() && run && !replyOf(run)) this.refetch();
  }
}
