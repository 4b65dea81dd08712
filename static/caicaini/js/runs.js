/** Replies being written: follows each one on the page and puts what comes into it. */

import { announce, beginning } from "./announce.js";
import { fetchAgain, patchBlocks, replyOf, runningReplies } from "./messages.js";
import { text } from "./strings.js";

const FOLLOW = "follow:";

/** Connects the socket's frames with the replies; `onChange` is called when one starts or ends. */
export class Runs {
  #socket;
  #onChange;
  #wasReady = false;
  #fresh = new Set(); // runs followed from the start, whose thinking on the page is still the old one

  constructor(socket, onChange) {
    this.#socket = socket;
    this.#onChange = onChange;
    socket.on("ready", () => this.#onReady());
    socket.on("html", (frame) => this.#onHtml(frame));
    socket.on("reasoning", (frame) => this.#onReasoning(frame));
    socket.on("ended", (frame) => this.#onEnded(frame));
    socket.on("error", (frame) => frame.id?.startsWith(FOLLOW) && this.refetch());
    socket.on("changed", (frame) => this.#onChanged(frame));
  }

  /** Follow every running reply on the page, from its first block. */
  followAll() {
    for (const { dataset } of runningReplies()) {
      this.#fresh.add(dataset.run);
      this.#socket.send({ type: "follow", id: FOLLOW + dataset.run.slice(0, 36), run: dataset.run, after: 0, format: "html" });
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
  }

  #onHtml({ run, first, blocks }) {
    const reply = replyOf(run);
    if (reply) patchBlocks(reply, first, blocks);
  }

  #onReasoning({ run, text: words }) {
    const reply = replyOf(run);
    if (!reply) return;
    const details = reply.querySelector(".reasoning");
    const holder = details.querySelector(".reasoning-text");
    if (this.#fresh.delete(run)) holder.textContent = "";
    reply.dataset.thinking = "";
    if (!words) return;
    details.hidden = false;
    holder.append(words);
    holder.normalize();
  }

  #onEnded({ run, end, html }) {
    const reply = replyOf(run);
    this.#fresh.delete(run);
    if (!reply) return;
    reply.dataset.state = end;
    reply.removeAttribute("aria-busy");
    delete reply.dataset.thinking;
    if (html) reply.querySelector(".message-foot").outerHTML = html;
    announce(`${text(end)} ${beginning(reply.querySelector(".message-body").innerText)}`);
    this.#onChange();
  }

  #onChanged({ what, conversation, run }) {
    const shown = document.getElementById("sidebar-current").value;
    if (what === "run" && conversation === shown && run && !replyOf(run)) this.refetch();
  }
}
