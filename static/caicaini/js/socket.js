/** The one websocket of this tab: opens again by itself, with growing and jittered pauses. */

import { renew } from "./renew.js";

const VERSION = 1;
const FIRST_PAUSE = 500;
const LONGEST_PAUSE = 20_000;
const PING_EVERY = 30_000;
const PONG_WITHIN = 10_000;
const ACKNOWLEDGE_AFTER = 32_768; // characters: the server stops at some 256 KiB that nobody said were read
const TOKEN_IS_OVER = 4401; // or nobody is signed in any more
const FOREIGN_ORIGIN = 4403;

/** Speaks docs/protocol.md. `on(type, handler)` hears frames; the type "state" hears ready, waiting, signed-out, refused. */
export class Socket {
  #url;
  #renewal;
  #socket = null;
  #handlers = new Map();
  #state = "waiting";
  #failures = 0;
  #retry = 0;
  #ping = 0;
  #pong = 0;
  #unacknowledged = 0;

  constructor(path, renewal) {
    this.#url = new URL(path, location.href);
    this.#renewal = renewal;
    this.#url.protocol = location.protocol === "https:" ? "wss:" : "ws:";
    addEventListener("offline", () => this.isReady && this.#abandon());
    addEventListener("online", () => this.#hurry());
    addEventListener("pageshow", () => this.#hurry());
    document.addEventListener("visibilitychange", () => document.hidden || this.#hurry());
    this.on("ready", () => this.#onReady());
    this.on("pong", () => clearTimeout(this.#pong));
  }

  get isReady() {
    return this.#state === "ready";
  }

  /** Whether only a new sign-in or a reload can help. */
  get isClosed() {
    return this.#state === "signed-out" || this.#state === "refused";
  }

  /** Hear frames of a type. */
  on(type, handler) {
    this.#handlers.set(type, [...(this.#handlers.get(type) ?? []), handler]);
  }

  /** Send a frame; gives false, and sends nothing, while there is no connection. */
  send(frame) {
    if (!this.isReady || this.#socket.readyState !== WebSocket.OPEN) return false;
    this.#socket.send(JSON.stringify({ v: VERSION, ...frame }));
    return true;
  }

  /** Open the connection. */
  open() {
    clearTimeout(this.#retry);
    const socket = new WebSocket(this.#url);
    this.#socket = socket;
    this.#unacknowledged = 0;
    socket.addEventListener("message", (event) => this.#read(event.data));
    socket.addEventListener("close", (event) => socket === this.#socket && this.#onClose(event.code));
  }

  #read(data) {
    const frame = JSON.parse(data);
    this.#hear(frame);
    if (frame.seq === undefined) return;
    this.#unacknowledged += data.length;
    if (this.#unacknowledged < ACKNOWLEDGE_AFTER) return;
    this.#unacknowledged = 0;
    this.send({ type: "ack", run: frame.run, seq: frame.seq });
  }

  #hear(frame) {
    for (const handler of this.#handlers.get(frame.type) ?? []) handler(frame);
  }

  #become(state, code = 0) {
    this.#state = state;
    this.#hear({ type: "state", state, code });
  }

  #onReady() {
    this.#failures = 0;
    this.#ping = setInterval(() => this.#sendPing(), PING_EVERY);
    this.#become("ready");
  }

  #sendPing() {
    clearTimeout(this.#pong);
    if (this.send({ type: "ping", id: "ping" })) this.#pong = setTimeout(() => this.#abandon(), PONG_WITHIN);
  }

  /** A dead connection may take minutes to close by itself: leave it behind. */
  #abandon() {
    const dead = this.#socket;
    this.#socket = null;
    dead.close();
    this.#onClose(1006);
  }

  #onClose(code) {
    clearInterval(this.#ping);
    clearTimeout(this.#pong);
    this.#become(code === FOREIGN_ORIGIN ? "refused" : "waiting", code);
    if (code === TOKEN_IS_OVER) this.#comeBack();
    else if (this.#state === "waiting") this.#openLater();
  }

  /** Whoever is still signed in opens the next socket with the next token. */
  async #comeBack() {
    const isIn = await renew(this.#renewal);
    if (this.#state !== "waiting") return;
    if (isIn === false) this.#become("signed-out", TOKEN_IS_OVER);
    else if (isIn && this.#failures === 0) this.#openLater(0);
    else this.#openLater();
  }

  #openLater(most = LONGEST_PAUSE) {
    const pause = Math.min(most, FIRST_PAUSE * 2 ** this.#failures++) * (0.5 + Math.random() / 2);
    clearTimeout(this.#retry);
    this.#retry = setTimeout(() => this.open(), pause);
  }

  /** The page woke up or the network came back: ask at once. */
  #hurry() {
    if (this.isReady) return this.#sendPing();
    const isIdle = !this.#socket || this.#socket.readyState === WebSocket.CLOSED;
    if (this.#state === "waiting" && isIdle) this.open();
  }
}
