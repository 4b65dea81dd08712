/** The message box: grows, sends once and only once, keeps the text until it is accepted, stops. */

import { adoptConversation, currentConversation } from "./current.js";
import { newId } from "./ids.js";
import { append, runningReplies } from "./messages.js";
import { text } from "./strings.js";

const byId = (id) => document.getElementById(id);
const touchOnly = matchMedia("(hover: none) and (pointer: coarse)");

/** Owns the form. `hooks`: accepted(frame), changed(), model(). */
export class Composer {
  #socket;
  #hooks;
  #form = byId("composer-form");
  #box = byId("composer-text");
  #send = byId("composer-send");
  #stop = byId("composer-stop");
  #error = byId("composer-error");
  #pending = null; // the frame that waits for its `accepted`
  #isOut = false; // whether it went out: from then on it may have been accepted
  #stopping = "";
  #limits = { text_characters: Infinity, frame_bytes: Infinity };

  constructor(socket, hooks) {
    this.#socket = socket;
    this.#hooks = hooks;
    this.#form.addEventListener("submit", (event) => this.#onSubmit(event));
    this.#box.addEventListener("input", () => this.#onInput());
    this.#box.addEventListener("keydown", (event) => this.#onKey(event));
    this.#stop.addEventListener("click", () => this.stop());
    socket.on("ready", (frame) => this.#onReady(frame));
    socket.on("accepted", (frame) => this.#onAccepted(frame));
    socket.on("error", (frame) => this.#onError(frame));
    socket.on("state", () => this.#onState());
  }

  get text() {
    return this.#box.value;
  }

  set text(words) {
    this.#box.value = words;
    this.#onInput();
  }

  get isEmpty() {
    return !this.text.trim();
  }

  /** Put the cursor behind the last character. */
  focus() {
    this.#box.focus();
    this.#box.setSelectionRange(this.text.length, this.text.length);
  }

  /** Say what is wrong where the person looks; nodes may carry a link. */
  say(...nodes) {
    const paragraph = (words) => Object.assign(document.createElement("p"), { textContent: words });
    this.#error.dataset.kind = "error";
    this.#error.replaceChildren(...nodes.map((node) => (typeof node === "string" ? paragraph(node) : node)));
  }

  /** Say what the person waits for: nothing is wrong. */
  note(words) {
    this.say(words);
    this.#error.dataset.kind = "note";
  }

  /** End the running answer; if the connection is away, as soon as it is back. */
  stop() {
    const run = runningReplies().at(-1)?.dataset.run;
    if (!run) return false;
    this.#stopping = run;
    this.#socket.send({ type: "stop", id: newId(), run });
    this.refresh();
    return true;
  }

  /** Show Send or Stop, as the messages say. */
  refresh() {
    const run = runningReplies().at(-1)?.dataset.run ?? "";
    if (this.#stopping !== run) this.#stopping = "";
    if (!run && this.#error.textContent === text("still-running")) this.say();
    this.#send.hidden = Boolean(run);
    this.#stop.hidden = !run;
    this.#send.setAttribute("aria-disabled", String(this.isEmpty || Boolean(this.#pending)));
    this.#stop.setAttribute("aria-disabled", String(Boolean(this.#stopping)));
    this.#form.setAttribute("aria-busy", String(Boolean(this.#pending)));
    this.#box.readOnly = Boolean(this.#pending) && this.#isOut;
    if (document.activeElement?.hidden) this.#box.focus();
  }

  #onInput() {
    if (this.#pending && !this.#isOut) this.#drop();
    if (!CSS.supports("field-sizing", "content")) {
      this.#box.style.height = "auto";
      this.#box.style.height = `${this.#box.scrollHeight}px`;
    }
    this.refresh();
    this.#hooks.changed();
  }

  #drop(...reasons) {
    this.#pending = null;
    this.say(...reasons);
    this.refresh();
  }

  #onKey(event) {
    // 229 is Safari's sign for the Enter that ends a composition: its isComposing is already false.
    if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
    if (touchOnly.matches && !event.ctrlKey && !event.metaKey) return; // a thumb has no Shift+Enter
    event.preventDefault();
    this.#form.requestSubmit();
  }

  #onSubmit(event) {
    event.preventDefault();
    if (this.isEmpty || this.#pending || this.#socket.isClosed) return;
    if (runningReplies().length) return this.note(text("still-running"));
    const frame = {
      type: "send",
      id: newId(),
      request_id: newId(),
      conversation: currentConversation(),
      model: this.#hooks.model(),
      text: wellFormed(this.text),
      format: "html",
    };
    if (!frame.model) return this.say(text("no-model"));
    if (this.#isTooLong(frame)) return this.say(text("too-long"));
    this.say();
    this.#pending = frame;
    this.#isOut = this.#socket.send(frame);
    if (!this.#isOut) this.note(text("waiting-to-send"));
    this.refresh();
  }

  #isTooLong(frame) {
    const bytes = new TextEncoder().encode(JSON.stringify(frame)).length + 16;
    return [...frame.text].length > this.#limits.text_characters || bytes > this.#limits.frame_bytes;
  }

  #onReady({ limits }) {
    if (limits) this.#limits = limits;
    if (this.#pending) {
      this.say();
      this.#isOut = this.#socket.send(this.#pending); // the same request_id: the server takes it for the same message
    }
    if (this.#stopping) this.#socket.send({ type: "stop", id: newId(), run: this.#stopping });
    this.refresh();
  }

  #onState() {
    if (!this.#pending || this.#socket.isReady) return;
    if (this.#socket.isClosed) this.#drop();
    else this.note(text("waiting-to-send"));
  }

  #onAccepted(frame) {
    if (frame.request_id !== this.#pending?.request_id) return;
    this.#pending = null;
    this.say();
    append(frame.html);
    this.text = "";
    if (!currentConversation()) adoptConversation(frame.conversation);
    this.#hooks.accepted(frame);
    this.refresh();
    this.#box.focus();
  }

  #onError(frame) {
    if (frame.run && frame.run === this.#stopping) {
      this.#stopping = "";
      this.refresh();
    }
    if (!this.#pending || frame.id !== this.#pending.id) return;
    this.#drop(frame.message);
    this.#box.focus();
  }
}

/** Half of a surrogate pair, left by a cut through an emoji, is no character: JSON could not carry it. */
function wellFormed(words) {
  return words.replace(/\p{Surrogate}/gu, "\ufffd");
}
