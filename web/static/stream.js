// One stream at a media server: published (WHIP, RFC 9725) or watched (WHEP, draft-ietf-wish-whep). It
// comes back by itself, whatever was lost. Both go through the hub, which knows the server.

import { onWaking, Pace } from "./line.js";

const TYPE = "application/sdp";
const GATHER_MOST = 1_500; // ms
const CONNECT_WITHIN = 10_000;
const LOOK_EVERY = 500;
const SILENT_AFTER = 4_000; // nothing came: whoever publishes is gone, or the line
const NOBODY_YET = 1_000; // until it is asked again for a stream that nobody publishes
const TAKES_NO_OFFER = new Set([400, 415, 422]);
const VIDEO_BITS = 1_500_000; // what each hall's line has to carry

export class Stream {
  /** `tracks`: what is published; none: it is watched. `on` holds functions: state(code, words), with
      `connecting`, `connected`, `waiting`, `lost`, `refused`; and tracks(stream) when it is watched. */
  constructor(address, on, tracks = null) {
    Object.assign(this, { address, on, tracks });
    this.pace = new Pace(300, 5_000);
    this.ended = new AbortController();
    this.mark = "";
    onWaking((moved) => moved && this.replace(), this.ended.signal);
    this.timer = setInterval(() => this.look(), LOOK_EVERY);
    this.begin();
  }

  async begin() {
    const turn = (this.turn = {});
    this.on.state("connecting");
    try {
      await this.negotiate(turn);
    } catch (error) {
      if (turn !== this.turn) return;
      this.drop();
      if (error.code === "gathering.elsewhere" || error.code === "gathering.not_speaker") {
        this.on.state("refused", error.message);
        this.end();
      } else {
        this.on.state(error.status === 404 ? "waiting" : "lost", error.words ?? "");
        this.again(error.status === 404 ? NOBODY_YET : this.pace.next());
      }
    }
  }

  async negotiate(turn) {
    const connection = this.connect(turn);
    this.lines().forEach(([what, direction]) => prefer(connection.addTransceiver(what, { direction })));
    const sdp = await described(connection, await connection.createOffer());
    let response = await this.ask(this.whole(), sdp);
    const asked = !this.tracks && TAKES_NO_OFFER.has(response.status);
    if (asked) response = await this.ask(this.whole(), "");
    if (turn !== this.turn) return this.leave(response);
    this.session = response.headers.get("location");
    this.mark = this.session?.split("/").at(-2) ?? this.mark;
    const answer = await response.text();
    if (response.status !== 201 && response.status !== 406) throw await problem(response, answer);
    if (asked || response.status === 406) await this.answer(turn, answer);
    else await connection.setRemoteDescription({ type: "answer", sdp: answer });
    await this.limit();
  }

  /** The server's own offer, which another connection answers. */
  async answer(turn, offer) {
    this.connection.close();
    const connection = this.connect(turn);
    await connection.setRemoteDescription({ type: "offer", sdp: offer });
    const sdp = await described(connection, await connection.createAnswer());
    const response = await this.ask(this.session, sdp, "PATCH");
    if (!response.ok) throw await problem(response);
  }

  connect(turn) {
    const connection = (this.connection = new RTCPeerConnection({ bundlePolicy: "max-bundle" }));
    this.began = performance.now();
    this.since = null;
    const incoming = new MediaStream();
    connection.ontrack = ({ track }) => {
      incoming.addTrack(track);
      if (turn === this.turn) this.on.tracks?.(incoming);
    };
    connection.onconnectionstatechange = () => {
      if (turn !== this.turn) return;
      const { connectionState } = connection;
      if (connectionState === "connected" && !this.since) {
        this.since = this.heard = performance.now();
        this.pace.calm();
        this.on.state("connected");
      } else if (connectionState === "failed" || connectionState === "closed") {
        this.replace();
      }
    };
    return connection;
  }

  lines() {
    if (this.tracks) return this.tracks.map((track) => [track, "sendonly"]);
    return [["audio", "recvonly"], ["video", "recvonly"]];
  }

  /** A page that opens publishes from now on; one whose line was lost only takes its own place. */
  whole() {
    return this.tracks && this.mark ? `${this.address}?after=${this.mark}` : this.address;
  }

  async ask(address, sdp, method = "POST") {
    const headers = { Accept: `${TYPE}, application/json`, ...(sdp && { "Content-Type": TYPE }) };
    const signal = AbortSignal.timeout(CONNECT_WITHIN);
    const response = await fetch(address, { method, body: sdp || null, headers, signal });
    if (response.ok || response.status === 406 || TAKES_NO_OFFER.has(response.status)) return response;
    throw await problem(response);
  }

  async limit() {
    for (const sender of this.tracks ? this.connection.getSenders() : []) {
      const parameters = sender.getParameters();
      if (sender.track?.kind !== "video" || !parameters.encodings?.length) continue;
      parameters.encodings[0].maxBitrate = VIDEO_BITS;
      await sender.setParameters(parameters).catch(() => {});
    }
  }

  async look() {
    const now = performance.now();
    if (!this.connection) return;
    if (!this.since) return now - this.began > CONNECT_WITHIN + SILENT_AFTER && this.replace();
    const count = await this.received().catch(() => this.count);
    if (count !== this.count || this.connection.connectionState === "connected" && this.tracks) this.heard = now;
    else if (now - this.heard > SILENT_AFTER) this.replace();
    this.count = count;
  }

  async received() {
    let sum = 0;
    for (const part of (await this.connection.getStats()).values()) {
      if (part.type === "inbound-rtp") sum += part.packetsReceived ?? 0;
    }
    return sum;
  }

  replace() {
    this.on.state("lost");
    this.drop();
    this.again(this.pace.next());
  }

  again(pause) {
    clearTimeout(this.waiting);
    this.waiting = setTimeout(() => !this.ended.signal.aborted && this.begin(), pause);
  }

  /** The server is told; what it has for us ends with that. */
  drop() {
    this.turn = null;
    this.connection?.close();
    this.connection = null;
    if (this.session) fetch(this.session, { method: "DELETE", keepalive: true }).catch(() => {});
    this.session = null;
  }

  /** Too late: nobody wants it any more. */
  leave(response) {
    const session = response.headers.get("location");
    if (session) fetch(session, { method: "DELETE", keepalive: true }).catch(() => {});
  }

  end() {
    this.ended.abort();
    clearInterval(this.timer);
    clearTimeout(this.waiting);
    this.drop();
  }
}

/** Every hall passes H.264 on as it comes, so it goes first. */
function prefer(transceiver) {
  const kind = transceiver.sender.track?.kind ?? transceiver.receiver.track.kind;
  const codecs = RTCRtpSender.getCapabilities?.(kind)?.codecs;
  if (kind !== "video" || !codecs || !transceiver.setCodecPreferences) return;
  const first = (codec) => codec.mimeType === "video/H264" && codec.sdpFmtpLine?.includes("packetization-mode=1");
  transceiver.setCodecPreferences([...codecs].sort((a, b) => first(b) - first(a)));
}

/** The whole description, with every candidate in it. */
async function described(connection, description) {
  const gathered = new Promise((resolve) => {
    connection.onicegatheringstatechange = () => connection.iceGatheringState === "complete" && resolve();
    setTimeout(resolve, GATHER_MOST);
  });
  await connection.setLocalDescription(description);
  if (connection.iceGatheringState !== "complete") await gathered;
  return connection.localDescription.sdp;
}

/** As the hub says it, in words. */
async function problem(response, text = null) {
  const { code, message } = await Promise.resolve(text ?? response.text()).then(JSON.parse).catch(() => ({}));
  return Object.assign(new Error(message ?? ""), { status: response.status, code, words: message });
}
