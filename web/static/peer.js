// The media: one peer connection with three fixed lines, never negotiated again.
//   0 audio  voice up, mix down     1 video  camera up, hall down     2 video  screen up, floor down

const GATHER_MOST = 1500;
const DISCONNECTED_MOST = 3000;
const CAMERA_BITS = 1_500_000;
const SCREEN_BITS = 2_000_000;

export class Peer {
  /** `tracks`: {audio, camera, screen}, each a MediaStreamTrack or null. `failed()` is called once. */
  constructor(tracks, failed) {
    this.connection = new RTCPeerConnection({ bundlePolicy: "max-bundle" });
    this.lines = ["audio", "video", "video"].map((kind) =>
      this.connection.addTransceiver(kind, { direction: "sendrecv" }),
    );
    [tracks.audio, tracks.camera, tracks.screen].forEach((track, line) => this.put(line, track));
    this.failed = failed;
    this.connection.onconnectionstatechange = () => this.watch();
  }

  get streams() {
    return this.lines.map((line) => new MediaStream([line.receiver.track]));
  }

  put(line, track) {
    if (track?.kind === "video") track.contentHint = line === 2 ? "detail" : "motion";
    return this.lines[line].sender.replaceTrack(track ?? null);
  }

  /** A whole offer, with every candidate in it. */
  async offer() {
    await this.connection.setLocalDescription();
    if (this.connection.iceGatheringState !== "complete") {
      await new Promise((resolve) => {
        this.connection.onicegatheringstatechange = () =>
          this.connection.iceGatheringState === "complete" && resolve();
        setTimeout(resolve, GATHER_MOST);
      });
    }
    return this.connection.localDescription.sdp;
  }

  async answer(sdp) {
    await this.connection.setRemoteDescription({ type: "answer", sdp });
    await this.limit(1, CAMERA_BITS);
    await this.limit(2, SCREEN_BITS);
  }

  // A face and a slide must stay sharp; on a weak line they may move less.
  async limit(line, maxBitrate) {
    const parameters = this.lines[line].sender.getParameters();
    if (!parameters.encodings?.length) return;
    parameters.encodings[0].maxBitrate = maxBitrate;
    parameters.degradationPreference = "maintain-resolution";
    await this.lines[line].sender.setParameters(parameters).catch(() => {});
  }

  watch() {
    clearTimeout(this.patience);
    const state = this.connection.connectionState;
    if (state === "failed") this.fail();
    if (state === "disconnected") this.patience = setTimeout(() => this.fail(), DISCONNECTED_MOST);
  }

  fail() {
    const { failed } = this;
    this.close();
    failed();
  }

  close() {
    clearTimeout(this.patience);
    this.connection.onconnectionstatechange = null;
    this.failed = () => {};
    this.connection.close();
  }
}
