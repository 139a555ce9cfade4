// The way of the media: one peer connection at a time. One that died is replaced by a new one over
// the living line to the house, at once the first time and ever more slowly on a line that is bad.

import { Pace } from "./line.js";
import { Peer } from "./peer.js";

const GOOD_AFTER = 10_000; // ms that a path must have lived for the next one to come at once

export class Media {
  /** `on` holds functions: offer(sdp, number), connected(streams), broken(), and again(), after which
      `begin` may be called. */
  constructor(tracks, on) {
    Object.assign(this, { tracks, on });
    this.peer = null;
    this.iceServers = []; // the newest that the house told of
    this.number = 0;
    this.pace = new Pace(200, 5_000);
    this.waiting = null;
  }

  get connected() {
    return this.peer?.connected ?? false;
  }

  /** Does nothing where there is a path, or its turn has not come. */
  async begin() {
    if (this.peer || this.waiting) return;
    const on = { connected: () => this.on.connected(mine.streams), failed: () => this.replace() };
    const mine = (this.peer = new Peer(this.tracks, on, this.iceServers));
    if (this.seen !== undefined) mine.show(this.seen);
    const number = ++this.number;
    this.answered = false;
    const sdp = await mine.offer();
    if (mine === this.peer) this.on.offer(sdp, number);
  }

  /** An answer to an offer before this one is worth nothing. */
  async answer({ sdp, number }) {
    const mine = this.peer;
    if (!mine || number !== this.number) return;
    this.answered = true;
    await mine.answer(sdp).catch(() => mine === this.peer && this.replace());
  }

  /** Whether anybody looks at his camera. */
  show(seen) {
    this.seen = seen;
    return this.peer?.show(seen);
  }

  put(line, track) {
    return this.peer?.put(line, track);
  }

  /** The house hears nothing by the path any more. */
  lost() {
    if (this.answered) this.replace();
  }

  replace() {
    const lived = this.peer?.since ? performance.now() - this.peer.since : 0;
    if (lived > GOOD_AFTER) this.pace.calm();
    this.end();
    this.waiting = setTimeout(() => {
      this.waiting = null;
      this.on.again();
    }, this.pace.next());
    this.on.broken();
  }

  end() {
    clearTimeout(this.waiting);
    this.waiting = null;
    this.answered = false;
    this.peer?.close();
    this.peer = null;
  }
}
