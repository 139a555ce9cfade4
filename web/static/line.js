// One WebSocket to the house that comes back by itself. Whatever arrives is a sign of life; the
// house says something every second.
//
// Each browser has its own way of making whoever comes back wait:
// * Firefox lets a WebSocket that failed wait, in the end a minute. There the page asks for itself over
//   HTTP, and opens the socket once that is answered.
// * Chromium keeps the connection of a question that was given up, and asks no more often than TCP
//   does, in the end every half a minute. There only a new socket is a new knock at the door; after
//   some fifteen in vain it waits, too, so that one line of a page knocks for all of them.

const SILENT_AFTER = 2_800; // ms without a word: the line is taken for lost
const OPEN_FIRST = 2_000; // an attempt that hangs is given up, and made anew
const OPEN_LATER = 5_000; // TCP itself knocks after 0, 1 and 3 s
const SHORT_ATTEMPTS = 3;
const HANGS_AFTER = 1_000;
const FOLLOW_EVERY = 60_000;
const FOUND = "line-found";
const ASKS_FIRST = "mozInnerScreenX" in window;
const LOOK_EVERY = 250;
const HELD_UP = 1_500; // a look that comes so late: the page itself was asleep
const WORD_WITHIN = 1_500; // in which a page that woke up must hear something

function vary(pause) {
  return pause * (0.75 + Math.random() / 2);
}

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
    const pause = this.pause;
    this.pause = Math.min(this.most, pause * 1.6);
    return vary(pause);
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
      lost(), and denied(code), true where it is of no use to come back. One that `follows` leaves
      it to another line of the page to find the way. */
  constructor(address, on, { follows = false } = {}) {
    Object.assign(this, { address, on, follows });
    this.closed = false;
    this.socket = null;
    this.attempts = 0;
    this.pace = new Pace(200, 2_500);
    this.looked = performance.now();
    this.timer = setInterval(() => this.look(), LOOK_EVERY);
    this.ended = new AbortController();
    const { signal } = this.ended;
    onWaking((moved) => this.wake(moved), signal);
    addEventListener(FOUND, () => this.hears(), { signal });
    this.connect();
  }

  connect() {
    const socket = new WebSocket(this.address());
    this.socket = socket;
    this.heard = performance.now();
    socket.onopen = () => {
      this.heard = performance.now();
      this.attempts = 0;
      this.on.open?.();
      dispatchEvent(new Event(FOUND));
    };
    socket.onmessage = (event) => {
      if (socket !== this.socket) return; // closed, or given up
      this.heard = performance.now();
      this.pace.calm();
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
    else if (this.socket && now - this.heard > this.patience) this.lose(this.socket);
  }

  get patience() {
    if (this.socket?.readyState === WebSocket.OPEN) return SILENT_AFTER;
    return this.attempts > SHORT_ATTEMPTS ? OPEN_LATER : OPEN_FIRST;
  }

  /** Whoever slept does not wait for the next attempt, and does not trust the line he had. */
  wake(moved) {
    if (this.closed) return;
    const now = performance.now();
    this.looked = now;
    if (this.socket?.readyState === WebSocket.OPEN && !moved) {
      this.heard = Math.min(this.heard, now - SILENT_AFTER + WORD_WITHIN);
    } else {
      this.hurry();
    }
  }

  /** Another line of the page has found the way. */
  hears() {
    const hangs = this.socket?.readyState === WebSocket.CONNECTING && performance.now() - this.heard > HANGS_AFTER;
    if (!this.socket || hangs) this.hurry();
  }

  hurry() {
    if (this.socket) this.lose(this.socket);
    if (this.closed) return;
    this.pace.calm();
    this.attempts = 0;
    this.later(0);
  }

  lose(socket, code) {
    if (socket !== this.socket || this.closed) return;
    this.socket = null;
    socket.onopen = socket.onmessage = socket.onclose = null;
    socket.close();
    this.on.lost();
    if (this.on.denied?.(code)) this.close();
    else this.again(code !== undefined);
  }

  /** Refused by somebody, it waits longer each time; what merely hangs has waited already. */
  again(refused) {
    if (this.follows && this.attempts > 0) this.later(FOLLOW_EVERY);
    else this.later(refused ? this.pace.next() : vary(this.pace.first));
  }

  later(pause) {
    clearTimeout(this.waiting);
    this.seeking = null;
    this.waiting = setTimeout(() => this.seek(), pause);
  }

  async seek() {
    const seeking = (this.seeking = new Object());
    this.attempts += 1;
    const found = !ASKS_FIRST || (await answers(this.patience));
    if (this.closed || this.seeking !== seeking) return;
    if (found) this.connect();
    else this.again(false);
  }
}

async function answers(within) {
  const question = { method: "HEAD", cache: "no-store", redirect: "manual", signal: AbortSignal.timeout(within) };
  const answer = await fetch(location.href, question).catch(() => null);
  return answer !== null && answer.status < 500;
}
