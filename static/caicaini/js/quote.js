/** The price before sending: asks a moment after the last change and shows the newest answer only. */

import { currentConversation } from "./current.js";
import { runningReplies } from "./messages.js";
import { text } from "./strings.js";

const PAUSE = 250;
const PREFIX = "quote:";

/** Owns "at most 1.2 credits" and the line about messages that do not fit. */
export class Quote {
  #socket;
  #composer;
  #model;
  #output = document.getElementById("composer-quote");
  #leftOut = document.getElementById("composer-left-out");
  #timer = 0;
  #asked = 0;

  constructor(socket, composer, model) {
    this.#socket = socket;
    this.#composer = composer;
    this.#model = model;
    this.showLeftOut(Number(this.#leftOut.dataset.count ?? 0));
    socket.on("ready", () => this.ask());
    socket.on("quoted", (frame) => frame.id === PREFIX + this.#asked && this.#show(frame));
    socket.on("error", (frame) => frame.id === PREFIX + this.#asked && this.#clear()); // that send would be refused
  }

  /** Ask again soon; without a text there is nothing to price. */
  ask() {
    clearTimeout(this.#timer);
    if (this.#composer.isEmpty || runningReplies().length) return this.#clear();
    this.#timer = setTimeout(() => this.#send(), PAUSE);
  }

  /** Say how many older messages the model does not get. */
  showLeftOut(count) {
    this.#leftOut.hidden = !count;
    this.#leftOut.textContent = count ? text("left-out", { count }) : "";
  }

  #send() {
    this.#socket.send({
      type: "quote",
      id: PREFIX + ++this.#asked,
      conversation: currentConversation(),
      model: this.#model(),
      characters: new TextEncoder().encode(this.#composer.text).length,
    });
  }

  #show({ text: words, affordable, shortened, left_out: leftOut }) {
    const most = text("quote", { amount: words });
    const but = shortened ? text("shortened") : text("not-affordable");
    this.#output.textContent = affordable && !shortened ? most : `${most}: ${but}`;
    this.#output.dataset.affordable = affordable ? "yes" : "no";
    this.showLeftOut(leftOut);
  }

  #clear() {
    this.#asked++;
    this.#output.textContent = "";
    delete this.#output.dataset.affordable;
  }
}
