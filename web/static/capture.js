// The camera and microphone of whoever takes part, and how loud he is.

const CAMERA = { width: { ideal: 1280 }, height: { ideal: 720 }, frameRate: { ideal: 30, max: 30 } };
const SOUND = { echoCancellation: true, noiseSuppression: true, autoGainControl: true, channelCount: 1 };

export class Capture {
  constructor() {
    this.audio = null;
    this.camera = null;
    this.screen = null;
  }

  /** Why there can be no camera at all here, or null. */
  static obstacle() {
    return navigator.mediaDevices?.getUserMedia ? null : "insecure";
  }

  /** Opens both, or whichever there is. Returns the codes of what is missing. */
  async open(cameraId, microphoneId) {
    const problems = [];
    this.stop();
    this.audio = await this.get("audio", SOUND, microphoneId).catch((error) => {
      problems.push(error.name === "NotAllowedError" ? "media-refused" : "no-microphone");
      return null;
    });
    this.camera = await this.openCamera(cameraId).catch((error) => {
      problems.push(error.name === "NotAllowedError" ? "media-refused" : "no-camera");
      return null;
    });
    return [...new Set(problems)];
  }

  async openCamera(deviceId) {
    this.cameraId = deviceId ?? this.cameraId;
    return (this.camera = await this.get("video", CAMERA, this.cameraId));
  }

  async get(kind, wishes, deviceId) {
    const constraints = deviceId ? { ...wishes, deviceId: { exact: deviceId } } : wishes;
    const stream = await navigator.mediaDevices.getUserMedia({ [kind]: constraints });
    return stream.getTracks()[0];
  }

  async openScreen() {
    const stream = await navigator.mediaDevices.getDisplayMedia({ video: { frameRate: { max: 15 } } });
    return (this.screen = stream.getVideoTracks()[0]);
  }

  close(name) {
    this[name]?.stop();
    this[name] = null;
  }

  stop() {
    ["audio", "camera", "screen"].forEach((name) => this.close(name));
  }

  /** Calls back with 0 to 1 while there is a microphone. Returns a function that ends it. */
  meter(show) {
    if (!this.audio) return () => {};
    const context = new AudioContext();
    const analyser = context.createAnalyser();
    analyser.fftSize = 512;
    context.createMediaStreamSource(new MediaStream([this.audio])).connect(analyser);
    const samples = new Float32Array(analyser.fftSize);
    const timer = setInterval(() => {
      analyser.getFloatTimeDomainData(samples);
      const peak = samples.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0);
      show(peak < 0.001 ? 0 : Math.min(1, 1 + Math.log10(peak) / 3));
    }, 100);
    return () => {
      clearInterval(timer);
      context.close();
    };
  }
}
