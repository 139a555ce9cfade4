// A guest's way through the meeting: check, lobby, call, left. The stage goes the same way without
// a camera and without being asked. Every sentence stands in the page, in <template data-text>.

import { Capture } from "./capture.js";
import { Media } from "./media.js";
import { ownKey } from "./own-key.js";
import { Settings } from "./settings.js";
import { Signal } from "./signal.js";

const LINES = new Set(["small", "sound", "house-small", "house-sound"]);
const root = document.querySelector("[data-call]");
const stage = root.dataset.role === "stage";
const watches = root.dataset.role === "viewer";
const key = stage ? null : ownKey(root.dataset.token);
// Kept where a browser that crashed finds them again; whoever opens a second page takes over.
const keyOfResume = `resume ${root.dataset.token}`;
const keyOfName = `name ${root.dataset.token}`;
const find = (id) => document.getElementById(id);
const action = (name) => root.querySelector(`[data-action="${name}"]`);
const capture = new Capture();
const settings = new Settings(root.dataset.token);
const { microphone, camera } = settings.kept;
const wishes = { microphone, camera, sharing: false, hand: false };
let signal = null;
let state = null;
let endMeter = () => {};
const media = new Media(capture, {
  offer: (sdp, number) => signal.send({ type: "offer", sdp, number }),
  connected: play,
  broken: sayLost,
  again: () => state && signal?.socket && show(state),
});

function text(code) {
  return document.querySelector(`template[data-text="${code}"]`)?.innerHTML.trim() ?? "";
}

function say(code) {
  const status = find("call-status");
  if (status) status.innerHTML = text(code);
  if (status) status.dataset.code = code;
  root.dataset.status = code;
}

function complain(words) {
  const problem = find("call-problem");
  if (!problem) return;
  problem.textContent = words;
  problem.hidden = !words;
}

function go(step) {
  root.dataset.at = step;
  // It leads to the page anew, and out of the call with it.
  const language = document.querySelector(".language");
  if (language) language.hidden = step === "lobby" || step === "call";
  root.querySelectorAll("[data-step]").forEach((part) => (part.hidden = part.dataset.step !== step));
}

// --- before entering

async function check(cameraId, microphoneId) {
  if (watches) return;
  settings.keep({ cameraId, microphoneId });
  const obstacle = Capture.obstacle();
  const opened = obstacle ? [obstacle] : inHall() ? capture.stop() : await capture.open(settings.kept);
  const problems = opened ?? [];
  applyWishes();
  complain(problems.map(text).join(" "));
  if ((!signal || signal.closed) && !inHall() && !(wishes.microphone && wishes.camera)) say("as-before");
  endMeter();
  const meter = find("own-level");
  endMeter = capture.meter((level) => meter && (meter.value = level * Number(meter.max || 1)));
  // Whoever was quicker than his camera is in the call already, and so is a change of device.
  await Promise.all([media.put(0, capture.audio), media.put(1, capture.camera)]);
  wish({ microphone: wishes.microphone, camera: wishes.camera });
  if (!obstacle && !inHall()) await offerChoices();
}

// A laptop that stands in the hall shows its screen there. It must neither be heard nor speak: what
// it played would come back through the hall's microphone.
function inHall() {
  return Boolean(settings.kept.inHall);
}

function heedHall() {
  const box = find("in-hall");
  if (!box) return;
  box.checked = inHall();
  box.closest("details").open ||= inHall();
  find("hall-audio").muted = inHall();
  for (const id of ["camera-choice", "microphone-choice", "own-level"]) {
    find(id).closest(".field").hidden = inHall();
  }
  for (const name of ["toggle-microphone", "toggle-camera"]) action(name).hidden = inHall();
}

async function offerChoices() {
  const devices = await navigator.mediaDevices.enumerateDevices();
  for (const [id, kind, track] of [
    ["camera-choice", "videoinput", capture.camera],
    ["microphone-choice", "audioinput", capture.audio],
  ]) {
    const choice = find(id);
    if (!choice) continue;
    const current = track?.getSettings().deviceId;
    choice.replaceChildren(
      ...devices
        .filter((device) => device.kind === kind && device.deviceId)
        .map((device) => new Option(device.label, device.deviceId, false, device.deviceId === current)),
    );
    choice.disabled = choice.options.length === 0;
  }
}

function showOwn() {
  const own = find("own-video");
  if (own) own.srcObject = capture.camera ? new MediaStream([capture.camera]) : null;
}

// --- the line to the house

function enter() {
  if (signal && !signal.closed) return; // a second tap is not a second guest
  const name = find("name");
  if (name && !name.reportValidity()) return;
  if (name) localStorage.setItem(keyOfName, name.value);
  complain("");
  say("connecting");
  signal = new Signal("/ws/call", { open: introduce, message: receive, lost });
}

async function introduce() {
  const resume = localStorage.getItem(keyOfResume);
  signal.send({
    type: "join",
    stage,
    token: root.dataset.token ?? "",
    key: await key,
    name: find("name")?.value ?? "",
    resume: resume ?? "",
  });
}

function lost() {
  media.end();
  if (state) sayLost();
}

// Whoever was told why keeps the better words.
function sayLost() {
  if (root.dataset.status !== "restarting") say("reconnecting");
}

function receive(message) {
  if (message.type === "welcome") {
    localStorage.setItem(keyOfResume, message.resume);
    complain("");
    wishes.hand = message.hand;
    if (message.microphone !== null && !state) rememberWishes(message);
    tell(wishes);
  } else if (message.type === "ice") {
    media.iceServers = message.servers;
  } else if (message.type === "state") {
    show(message);
  } else if (message.type === "answer") {
    media.answer(message);
  } else if (message.type === "path-lost") {
    media.lost();
  } else if (message.type === "restarting") {
    say("restarting");
    if (stage) complain(text("restarting"));
  } else if (message.type === "refused") {
    refuse(message);
  } else if (message.type === "end") {
    end(message.reason);
  }
}

// He was here before: muted stays muted, and a camera that was off stays off.
function rememberWishes({ microphone, camera }) {
  Object.assign(wishes, { microphone, camera });
  settings.keep({ microphone, camera });
  applyWishes();
}

function applyWishes() {
  if (capture.audio) capture.audio.enabled = wishes.microphone;
  if (!wishes.camera) capture.close("camera");
  showOwn();
}

function refuse(message) {
  complain(message.message);
  // The place is no longer ours: come in again as somebody new.
  if (message.resume) localStorage.removeItem(keyOfResume);
  if (message.resume && !message.final) return introduce();
  if (message.final) {
    say("");
    signal.close();
    media.end();
    state = null;
    go(stage ? "call" : "check");
    if (stage) setTimeout(enter, 5000);
  }
}

function show(next) {
  state = next;
  const inside = next.presence !== "lobby";
  root.dataset.floor = next.floor;
  root.dataset.phase = next.phase;
  go(inside ? "call" : "lobby");
  if (inside && next.phase !== "idle") begin();
  else media.end();
  media.show(next.floor === "self");
  wishes.hand = next.hand;
  if (next.silenced) say("muted-by-hall");
  else if (!inside) say("lobby");
  else if (next.phase === "idle") say("waiting-for-meeting");
  else if (next.paused) say("paused");
  else if (media.connected) say(next.returns ? "returns" : next.elsewhere ? "line-elsewhere" : LINES.has(next.line) ? `line-${next.line}` : "connected");
  else if (root.dataset.status !== "reconnecting") say("connecting");
  press("toggle-microphone", wishes.microphone && capture.audio && !next.silenced);
  press("toggle-camera", wishes.camera && capture.camera);
  press("share-screen", wishes.sharing);
  press("raise-hand", wishes.hand);
  const elsewhere = action("watch-elsewhere");
  if (elsewhere) elsewhere.hidden = !next.elsewhere;
  if (elsewhere && next.elsewhere) elsewhere.href = next.elsewhere;
}

function press(name, pressed) {
  action(name)?.setAttribute("aria-pressed", String(Boolean(pressed)));
}

// --- media

function begin() {
  if (typeof RTCPeerConnection === "undefined") complain(text("no-h264"));
  else media.begin();
}

// The last picture of a path that died stays until there is a new one.
function play([sound, hall, floor]) {
  for (const [id, stream] of [["hall-audio", sound], ["hall-video", hall], ["floor-video", floor]]) {
    const element = find(id);
    if (!element) continue;
    element.srcObject = stream;
    element.play().catch(() => document.addEventListener("pointerdown", () => element.play(), { once: true }));
  }
  if (state) show(state);
}

// What is not there is not promised: the hall would wait for a picture that never comes.
function tell({ microphone, camera, ...others }) {
  if (microphone !== undefined) others.microphone = microphone && capture.audio !== null;
  if (camera !== undefined) others.camera = camera && capture.camera !== null;
  signal?.send({ type: "set", ...others });
}

function wish(changes) {
  Object.assign(wishes, changes);
  settings.keep({ microphone: changes.microphone, camera: changes.camera });
  tell(changes);
  if (state) show({ ...state, hand: wishes.hand });
}

function toggleMicrophone() {
  if (!capture.audio) return complain(text("no-microphone"));
  const on = !wishes.microphone;
  capture.audio.enabled = on;
  wish({ microphone: on });
}

async function toggleCamera() {
  const on = !(wishes.camera && capture.camera);
  try {
    if (on) await capture.openCamera();
    else capture.close("camera");
    await media.put(1, capture.camera);
    showOwn();
    wish({ camera: on });
  } catch (error) {
    complain(text(error.name === "NotAllowedError" ? "media-refused" : "no-camera"));
  }
}

async function shareScreen() {
  if (capture.screen) return endScreen();
  if (Capture.obstacle()) return complain(text("insecure"));
  if (!navigator.mediaDevices.getDisplayMedia) return complain(text("no-screen"));
  try {
    const track = await capture.openScreen();
    track.onended = endScreen;
    await media.put(2, track);
    wish({ sharing: true });
  } catch (error) {
    if (error.name !== "NotAllowedError") complain(text("media-refused"));
  }
}

async function endScreen() {
  capture.close("screen");
  await media.put(2, null);
  wish({ sharing: false });
}

function end(reason) {
  signal?.close();
  media.end();
  endMeter();
  endMeter = () => {};
  capture.stop();
  state = null;
  // The place is given up; what he had set stays for when he returns, but not a raised hand.
  if (reason !== "replaced") localStorage.removeItem(keyOfResume);
  Object.assign(wishes, { sharing: false, hand: false });
  say(reason);
  for (const part of root.querySelectorAll("[data-left]")) {
    part.hidden = !part.dataset.left.split(" ").includes(reason);
  }
  if (stage) setTimeout(enter, 2000);
  else go("left");
}

function leave() {
  signal?.send({ type: "leave" });
  end(state?.presence === "lobby" ? "not-waiting" : "left");
}

async function rejoin() {
  go("check");
  await check();
}

for (const [name, act] of Object.entries({
  join: enter,
  rejoin,
  leave,
  "stop-waiting": leave,
  "toggle-microphone": toggleMicrophone,
  "toggle-camera": toggleCamera,
  "share-screen": shareScreen,
  "raise-hand": () => wish({ hand: !wishes.hand }),
})) {
  root.querySelectorAll(`[data-action="${name}"]`).forEach((button) =>
    button.addEventListener("click", (event) => {
      event.preventDefault();
      act();
    }),
  );
}
// The browser goes there by itself; his place here is given up.
action("watch-elsewhere")?.addEventListener("click", () => signal?.send({ type: "leave" }));
find("camera-choice")?.addEventListener("change", (event) => check(event.target.value, find("microphone-choice")?.value));
find("microphone-choice")?.addEventListener("change", (event) => check(find("camera-choice")?.value, event.target.value));
find("in-hall")?.addEventListener("change", (event) => {
  settings.keep({ inHall: event.target.checked });
  heedHall();
  check(find("camera-choice").value || undefined, find("microphone-choice").value || undefined);
});
find("name")?.form?.addEventListener("submit", (event) => {
  event.preventDefault();
  enter();
});

const nameBefore = localStorage.getItem(keyOfName);
if (nameBefore && find("name")) find("name").value = nameBefore;
heedHall();
if (stage) enter();
else check();
