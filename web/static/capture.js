// The camera and microphone of whoever takes part, and how loud he is.

const CAMERA = { width: { ideal: 1280 }, height: { ideal: 720 }, frameRate: { ideal: 30, max: 30 } };
const SOUND = { echoCancellation: true, noiseSuppression: true, autoGainControl: true, channelCount: 1 };

function named(wishes, deviceId) {
  return deviceId ? { ...wishes, deviceId: { exact: deviceId } } : wishes;
}

/** One that was chosen before and is unplugged by now is no reason to have none. */
function openAny(wanted) {
  return navigator.mediaDevices.getUserMedia(wanted).catch((error) => {
    if (error.name !== "OverconstrainedError") throw error;
    const others = Object.entries(wanted).map(([kind, { deviceId, ...wishes }]) => [kind, wishes]);
    return navigator.mediaDevices.getUserMedia(Object.fromEntries(others));
  });
}

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

  /** Opens both with one question to the user, or whichever there is. Returns the codes of what
   *  is missing. */
  async open({ cameraId, microphoneId }) {
    this.stop();
    this.cameraId = cameraId;
    const wanted = { audio: named(SOUND, microphoneId), video: named(CAMERA, this.cameraId) };
    const problems = [];
    const get = (constraints, missing) =>
      openAny(constraints).catch((error) => {
        problems.push(error.name === "NotAllowedError" ? "media-refused" : missing);
        return new MediaStream();
      });
    const both = await openAny(wanted).catch(() => null);
    const sound = both ?? (await get({ audio: wanted.audio }, "no-microphone"));
    const picture = both ?? (await get({ video: wanted.video }, "no-camera"));
    this.audio = sound.getAudioTracks()[0] ?? null;
    this.camera = picture.getVideoTracks()[0] ?? null;
    return [...new Set(problems)];
  }

  async openCamera() {
    const wanted = { video: named(CAMERA, this.cameraId) };
    const stream = await openAny(wanted);
    return (this.camera = stream.getVideoTracks()[0]);
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
