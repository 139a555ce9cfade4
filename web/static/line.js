// One WebSocket to the house that comes back by itself. Whatever arrives is a sign of life; the
// house says something every second.
//
// Browsers let whoever tried a WebSocket in vain wait longer and longer (Firefox up to a minute).
// So a page whose line is lost asks for itself over HTTP, and opens the socket once that is answered.

const SILENT_AFTER = 2_800; // ms without a word: the line is taken for lost
const LOOK_EVERY = 250;
const HELD_UP = 1_500; // a look that comes so late: the page itself was asleep
const WORD_WITHIN = 1_500; // in which a page that woke up must hear something
const ANSWER_FIRST = 2_000; // a question that hangs is asked anew; a slow line gets longer
const ANSWER_MOST = 4_000;

/** Pauses between attempts: longer each time, never the same for two pages. */
export class Pace {
  constructor(first, most) {
    Object.assign(this, { first, most });
    this.calm();
  }

  calm() {
    this.pause = this.first;
  }

  next() {
    const pause = this.pause * (0.75 + Math.random() / 2);
    this.pause = Math.min(this.most, this.pause * 1.6);
    return pause;
  }
}

/** Calls `wake(moved)` when the page may have slept, or its network is another (`moved`). */
export function onWaking(wake, signal) {
  const { connection } = navigator;
  let kind = connection?.type;
  const on = (target, event, act) => target?.addEventListener(event, act, { signal });
  on(document, "visibilitychange", () => document.visibilityState === "visible" && wake(false));
  on(document, "resume", () => wake(false)); // from a freeze
  on(window, "pageshow", (event) => event.persisted && wake(false));
  on(window, "online", () => wake(true));
  // It also tells how fast the network is; only from Wi-Fi to mobile is another network.
  on(connection, "change", () => {
    if (connection.type !== kind) wake(true);
    kind = connection.type;
  });
}

export class Line {
  /** `address()` is asked before each attempt. `on` holds functions: open(), message(message),
      lost(), and denied(code), true where it is of no use to come back. */
  constructor(address, on) {
    Object.assign(this, { address, on });
    this.closed = false;
    this.socket = null;
    this.patience = ANSWER_FIRST;
    this.unanswered = new Pace(200, 1_000);
    this.broken = new Pace(300, 5_000);
    this.looked = performance.now();
    this.timer = setInterval(() => this.look(), LOOK_EVERY);
    this.ended = new AbortController();
    onWaking((moved) => this.wake(moved), this.ended.signal);
    this.connect();
  }

  connect() {
    const socket = new WebSocket(this.address());
    this.socket = socket;
    this.heard = performance.now();
    socket.onopen = () => {
      this.heard = performance.now();
      this.on.open?.();
    };
    socket.onmessage = (event) => {
      if (socket !== this.socket) return; // closed, or given up
      this.heard = performance.now();
      this.patience = ANSWER_FIRST;
      this.unanswered.calm();
      this.broken.calm();
      this.receive(JSON.parse(event.data));
    };
    socket.onclose = (event) => this.lose(socket, event.code);
  }

  receive(message) {
    this.on.message(message);
  }

  /** Does nothing while the line is lost: whoever comes back says anew how he stands. */
  send(message) {
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(message));
  }

  /** For good; what is on its way is not taken back. */
  close() {
    this.closed = true;
    this.socket = null;
    this.ended.abort();
    clearInterval(this.timer);
    clearTimeout(this.waiting);
  }

  look() {
    const now = performance.now();
    const asleep = now - this.looked > HELD_UP;
    this.looked = now;
    if (asleep) this.wake(false);
    else if (this.socket && now - this.heard > SILENT_AFTER) this.lose(this.socket);
  }

  /** Whoever slept does not wait for the next attempt, and does not trust the line he had. */
  wake(moved) {
    if (this.closed) return;
    const now = performance.now();
    this.looked = now;
    if (this.socket && !moved) {
      this.heard = Math.min(this.heard, now - SILENT_AFTER + WORD_WITHIN);
    } else {
      if (this.socket) this.lose(this.socket);
      this.unanswered.calm();
      this.later(0);
    }
  }

  lose(socket, code) {
    if (socket !== this.socket || this.closed) return;
    this.socket = null;
    socket.onopen = socket.onmessage = socket.onclose = null;
    socket.close();
    this.on.lost();
    if (this.on.denied?.(code)) this.close();
    else this.later(this.broken.next());
  }

  later(pause) {
    clearTimeout(this.waiting);
    this.seeking = null;
    this.waiting = setTimeout(() => this.seek(), pause);
  }

  async seek() {
    const seeking = (this.seeking = new Object());
    const found = await answers(this.patience);
    if (this.closed || this.seeking !== seeking) return;
    this.patience = Math.min(ANSWER_MOST, this.patience + 250);
    if (found) this.connect();
    else this.later(this.unanswered.next());
  }
}

async function answers(within) {
  const question = { method: "HEAD", cache: "no-store", redirect: "manual", signal: AbortSignal.timeout(within) };
  const answer = await fetch(location.href, question).catch(() => null);
  return answer !== null && answer.status < 500;
}
