// The call's line to the house. Messages and their order: web/PROTOCOL.md.

import { Line } from "./line.js";

const PING_EVERY = 1000;
const LAST_WORD_WITHIN = 3000;

export class Signal extends Line {
  /** `on` holds functions: open(), message(message), lost(). */
  constructor(path, on) {
    const url = new URL(document.body.dataset.root + path, location.href);
    url.protocol = location.protocol === "https:" ? "wss:" : "ws:";
    super(() => url, on);
    this.beat = setInterval(() => this.ping(), PING_EVERY);
  }

  ping() {
    this.send({ type: "ping" });
  }

  // Answered here and not by a clock: the clocks of a page in the background are slowed down.
  receive(message) {
    if (message.type === "ping") this.send({ type: "pong" });
    else if (message.type !== "pong") super.receive(message);
  }

  wake(moved) {
    this.ping();
    super.wake(moved);
  }

  /** The house ends the line when it has heard the last word; a line closed at once may lose it. */
  close() {
    const { socket } = this;
    super.close();
    clearInterval(this.beat);
    if (socket) setTimeout(() => socket.close(), LAST_WORD_WITHIN);
  }
}
