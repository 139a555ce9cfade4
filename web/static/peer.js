// The media: one peer connection with three fixed lines, never negotiated again.
//   0 audio  voice up, mix down     1 video  camera up, hall down     2 video  screen up, floor down
//
// Whether it lives is measured, not believed: browsers take up to half a minute to say that it died.
// The house's sound and reports come all the time, and it asks once a second whether we are there.

const GATHER_MOST = 1500;
const GATHER_RELAY_MOST = 2500; // where a relay may be asked, over TLS in the worst case
const AFTER_RELAY = 300;
const CONNECT_WITHIN = 10_000; // ms; through a relay over TCP and TLS it takes seconds
const LOOK_EVERY = 250;
const SILENT_AFTER = 2_500;
const HELD_UP = 1_500; // a look that comes so late: the page itself was asleep
const WORD_WITHIN = 1_000; // in which a page that woke up must have received something
const CAMERA_BITS = 1_500_000;
const UNSEEN_BITS = 120_000; // of a camera that nobody looks at: it stays warm for the moment it is wanted
const UNSEEN_BY = 4; // so much smaller, each way
const SCREEN_BITS = 2_000_000;
const RECEIVED = ["packetsReceived", "bytesReceived", "requestsReceived", "responsesReceived", "reportsReceived"];

export class Peer {
  /** `tracks`: {audio, camera, screen}, each a MediaStreamTrack or null. `on` holds functions:
      connected(), and failed(), which is called once. `iceServers`: the relay, where there is one. */
  constructor(tracks, on, iceServers = []) {
    this.relayed = iceServers.length > 0;
    this.connection = new RTCPeerConnection({ bundlePolicy: "max-bundle", iceServers });
    this.lines = ["audio", "video", "video"].map((kind) =>
      this.connection.addTransceiver(kind, { direction: "sendrecv" }),
    );
    [tracks.audio, tracks.camera, tracks.screen].forEach((track, line) => this.put(line, track));
    this.on = on;
    this.seen = true; // until the house says otherwise
    this.answered = false;
    this.began = this.looked = performance.now();
    this.since = null; // when it was connected
    this.connection.onconnectionstatechange = () => this.changed();
    this.timer = setInterval(() => this.look(), LOOK_EVERY);
  }

  get streams() {
    return this.lines.map((line) => new MediaStream([line.receiver.track]));
  }

  get connected() {
    return this.connection.connectionState === "connected";
  }

  put(line, track) {
    if (track?.kind === "video") track.contentHint = line === 2 ? "detail" : "motion";
    return this.lines[line].sender.replaceTrack(track ?? null);
  }

  /** A whole offer, with every candidate in it. A relay that answered once need not answer again. */
  async offer() {
    const { connection } = this;
    const gathered = new Promise((resolve) => {
      connection.onicegatheringstatechange = () =>
        connection.iceGatheringState === "complete" && resolve();
      connection.onicecandidate = ({ candidate }) =>
        candidate?.type === "relay" && setTimeout(resolve, AFTER_RELAY);
      setTimeout(resolve, this.relayed ? GATHER_RELAY_MOST : GATHER_MOST);
    });
    await connection.setLocalDescription();
    if (connection.iceGatheringState !== "complete") await gathered;
    return this.connection.localDescription.sdp;
  }

  async answer(sdp) {
    await this.connection.setRemoteDescription({ type: "answer", sdp });
    this.answered = true;
    await this.limitCamera();
    await this.limit(2, SCREEN_BITS);
  }

  /** Whether anybody looks at his camera: only then is it sent as it is. */
  async show(seen) {
    if (seen === this.seen) return;
    this.seen = seen;
    if (this.answered) await this.limitCamera();
  }

  limitCamera() {
    return this.seen ? this.limit(1, CAMERA_BITS, 1) : this.limit(1, UNSEEN_BITS, UNSEEN_BY);
  }

  // A face and a slide must stay sharp; on a weak line they may move less.
  async limit(line, maxBitrate, smallerBy = 1) {
    const parameters = this.lines[line].sender.getParameters();
    if (!parameters.encodings?.length) return;
    parameters.encodings[0].maxBitrate = maxBitrate;
    parameters.encodings[0].scaleResolutionDownBy = smallerBy;
    parameters.degradationPreference = "maintain-resolution";
    await this.lines[line].sender.setParameters(parameters).catch(() => {});
  }

  changed() {
    const { connectionState } = this.connection;
    if (connectionState === "failed") this.fail();
    if (connectionState !== "connected" || this.since) return;
    this.since = this.heard = performance.now();
    this.on.connected();
  }

  async look() {
    const now = performance.now();
    const asleep = now - this.looked > HELD_UP;
    this.looked = now;
    if (!this.since) return now - this.began > CONNECT_WITHIN && !asleep && this.fail();
    const received = await this.received().catch(() => this.count); // it is being closed
    if (received !== this.count) this.heard = now;
    else if (asleep) this.heard = Math.min(this.heard, now - SILENT_AFTER + WORD_WITHIN);
    else if (now - this.heard > SILENT_AFTER) this.fail();
    this.count = received;
  }

  /** All that came in so far, in whatever this browser counts it. */
  async received() {
    let sum = 0;
    for (const part of (await this.connection.getStats()).values()) {
      for (const name of RECEIVED) sum += part[name] ?? 0;
    }
    return sum;
  }

  fail() {
    const { failed } = this.on;
    this.close();
    failed();
  }

  close() {
    clearInterval(this.timer);
    this.connection.onconnectionstatechange = null;
    this.on = { connected() {}, failed() {} };
    this.connection.close();
  }
}
