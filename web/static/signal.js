// The line to the house: one WebSocket that comes back by itself.
// Messages and their order: web/PROTOCOL.md.

const PING_EVERY = 1000;
const SILENT_AFTER = 4000;
const RETRY_FIRST = 300;
const RETRY_MOST = 3000;
const LAST_WORD_WITHIN = 3000;

export class Signal {
  /** `on` holds functions: open(), message(message), lost(). */
  constructor(path, on) {
    this.url = new URL(document.body.dataset.root + path, location.href);
    this.url.protocol = location.protocol === "https:" ? "wss:" : "ws:";
    this.on = on;
    this.retry = RETRY_FIRST;
    this.closed = false;
    this.connect();
    this.timer = setInterval(() => this.beat(), PING_EVERY);
  }

  connect() {
    const socket = new WebSocket(this.url);
    this.socket = socket;
    this.heard = performance.now();
    socket.onopen = () => {
      this.heard = performance.now();
      this.on.open();
    };
    socket.onmessage = (event) => {
      if (socket !== this.socket) return;
      this.heard = performance.now();
      this.retry = RETRY_FIRST;
      const message = JSON.parse(event.data);
      if (message.type !== "pong") this.on.message(message);
    };
    socket.onclose = () => this.again(socket);
  }

  again(socket) {
    if (socket !== this.socket || this.closed) return;
    this.socket = null;
    socket.onclose = socket.onmessage = null;
    socket.close();
    this.on.lost();
    setTimeout(() => this.closed || this.connect(), this.retry * (0.75 + Math.random() / 2));
    this.retry = Math.min(RETRY_MOST, this.retry * 1.6);
  }

  beat() {
    if (!this.socket) return;
    if (performance.now() - this.heard > SILENT_AFTER) this.again(this.socket);
    else this.send({ type: "ping" });
  }

  send(message) {
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(message));
  }

  /** The house ends the line when it has heard the last word; a line closed at once may lose it. */
  close() {
    const socket = this.socket;
    this.closed = true;
    this.socket = null;
    clearInterval(this.timer);
    if (socket) setTimeout(() => socket.close(), LAST_WORD_WITHIN);
  }
}
