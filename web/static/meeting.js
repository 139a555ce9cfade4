// The page from which an official presides over a meeting of the whole ward, and on which others watch.
// How it stands comes with the live region (live.js), in #meeting-state; this file follows it. Every
// sentence stands in the page, in <template data-text>.

import { Capture } from "./capture.js";
import { Stream } from "./stream.js";

const root = document.querySelector("[data-meeting]");
const find = (id) => document.getElementById(id);
const text = (code) => document.querySelector(`template[data-text="${code}"]`)?.innerHTML.trim() ?? "";
const base = `/meetings/${root.dataset.meeting}`;
const capture = new Capture();
let own = null; // what is published from here
let opening = null;
let endMeter = () => {};
const watched = { ward: null, floor: null }; // each with `who`
const off = new Set();

function say(code, words = "") {
  const status = find("meeting-status");
  status.dataset.code = code;
  status.innerHTML = text(code);
  if (words) status.append(" ", words);
}

// ---- what is published ---------------------------------------------------------------------

async function publish() {
  if (own || opening) return;
  const obstacle = Capture.obstacle();
  opening = obstacle ? Promise.resolve([obstacle]) : capture.open({});
  const problems = await opening;
  find("meeting-problem").innerHTML = problems.map(text).join(" ");
  find("meeting-problem").hidden = !problems.length;
  const tracks = [capture.audio, capture.camera].filter(Boolean);
  show("ward-video", capture.camera ? new MediaStream([capture.camera]) : null);
  endMeter();
  endMeter = capture.meter((level) => (find("own-level").value = level));
  opening = null;
  if (tracks.length && speaks()) own = new Stream(`${base}/whip`, { state: published }, tracks);
  apply();
}

function published(code, words) {
  say(`speaking-${code}`, words);
  root.dataset.published = code;
  find("speak-from-here").hidden = code !== "refused";
}

function stopPublishing() {
  own?.end();
  own = null;
  endMeter();
  capture.stop();
  delete root.dataset.published;
  find("speak-from-here").hidden = true;
}

function apply() {
  for (const name of ["microphone", "camera"]) {
    const track = name === "microphone" ? capture.audio : capture.camera;
    if (track) track.enabled = !off.has(name);
    const button = document.querySelector(`[data-action="toggle-${name}"]`);
    button.setAttribute("aria-pressed", String(Boolean(track) && !off.has(name)));
  }
}

// ---- what is watched -----------------------------------------------------------------------

function watch(place, who) {
  if (watched[place]?.who === who) return;
  watched[place]?.end();
  watched[place] = null;
  show(`${place}-video`, null);
  delete root.dataset[`${place}Shown`];
  if (!who) return;
  const on = {
    tracks: (stream) => show(`${place}-video`, stream),
    state: (code, words) => {
      root.dataset[`${place}Shown`] = code;
      find(`${place}-words`).textContent = code === "connected" ? "" : words || text(`watching-${code}`);
    },
  };
  watched[place] = Object.assign(new Stream(`${base}/whep/${who}`, on), { who });
}

function show(id, stream) {
  const video = find(id);
  if (video.srcObject === stream) return;
  video.srcObject = stream;
  if (stream && !video.muted) {
    video.play().catch((error) => error.name === "NotAllowedError" && (find("let-sound").hidden = false));
  }
}

// ---- how it stands -------------------------------------------------------------------------

const state = () => find("meeting-state")?.dataset ?? {};
const speaks = () => state().open === "yes" && state().speaks === "yes";

function follow() {
  const { open, floor } = state();
  if (open === undefined) return;
  root.dataset.speaks = state().speaks;
  root.dataset.floor = floor;
  if (open !== "yes") {
    stopPublishing();
    watch("ward", "");
    watch("floor", "");
    root.dataset.over = "yes";
    say("over");
    return;
  }
  if (speaks()) {
    if (watched.ward) watch("ward", "");
    find("ward-video").muted = true;
    publish();
  } else {
    stopPublishing();
    find("ward-video").muted = false;
    watch("ward", "ward");
    say("watching");
  }
  watch("floor", floor);
}

for (const name of ["microphone", "camera"]) {
  document.querySelector(`[data-action="toggle-${name}"]`).addEventListener("click", () => {
    off.has(name) ? off.delete(name) : off.add(name);
    apply();
  });
}
find("speak-from-here").addEventListener("click", () => {
  stopPublishing();
  publish();
});
find("let-sound").addEventListener("click", () => {
  find("let-sound").hidden = true;
  for (const id of ["ward-video", "floor-video"]) find(id).play();
});
addEventListener("pagehide", () => [own, watched.ward, watched.floor].forEach((stream) => stream?.end()));
addEventListener("pageshow", (event) => event.persisted && location.reload());

new MutationObserver(follow).observe(find("meeting"), { subtree: true, childList: true, attributes: true });
follow();
