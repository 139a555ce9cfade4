// Keeps what was typed, and sends it once, when there is a line again.
//
// The draft lives in localStorage until the house has acknowledged it. Its key goes along with every
// attempt, so that a question whose receipt was lost on the way is not stored a second time.

import { hasFiles, smallForm } from "./shrink.js";

const DRAFT = `av-question${document.body.dataset.root}`; // the hub shows many houses
const RETRY_SECONDS = [2, 5, 10, 20, 30];
const ANSWER_SECONDS = 15;
const PHOTO_SECONDS = 120;

const form = document.getElementById("ask-form");
const status = document.getElementById("ask-status");
const naming = document.getElementById("naming");
const field = (name) => form.elements.namedItem(name);
const words = (name) => document.querySelector(`template[data-text="${name}"]`).content.textContent;

let draft = load() ?? { key: field("key").value, sending: false };
let attempts = 0;
let timer = 0;
let busy = false;
let unwatched = false; // it goes by itself, not by a tap

function load() {
  try {
    return JSON.parse(localStorage.getItem(DRAFT));
  } catch {
    return null;
  }
}

function save() {
  const ticked = (name) => (field(name).checked ? field(name).value : "");
  draft = {
    ...draft,
    text: field("text").value,
    name: field("name").value,
    name_hidden: ticked("name_hidden"),
    consent: ticked("consent"),
    advised: form.querySelector("[name=advised]")?.value ?? "no",
  };
  try {
    localStorage.setItem(DRAFT, JSON.stringify(draft));
  } catch {
    // Private windows may refuse; the form still works.
  }
}

function forget() {
  try {
    localStorage.removeItem(DRAFT);
  } catch {
    // As above.
  }
}

function tell(text) {
  status.textContent = text;
  status.hidden = !text;
}

/** `why` is what the house said, where it answered at all. */
function later(why) {
  const seconds = RETRY_SECONDS[Math.min(attempts, RETRY_SECONDS.length - 1)];
  attempts += 1;
  tell(why ? `${why} ${words("again")}` : words("waiting"));
  clearTimeout(timer);
  timer = setTimeout(alone, seconds * 1000);
}

function alone() {
  unwatched = true;
  send();
}

async function send() {
  if (busy) return;
  busy = true;
  clearTimeout(timer);
  draft.sending = true;
  save();
  form.setAttribute("aria-busy", "true");
  if (!attempts) tell(words("sending"));
  const { sending, ...fields } = draft;
  if (unwatched) fields.advised = "yes"; // nobody may be there to read advice: it is kept all the same
  const patience = new AbortController();
  const enough = setTimeout(() => patience.abort(), ANSWER_SECONDS * 1000);
  try {
    const answer = await fetch(form.action, {
      method: "POST",
      headers: { Accept: "application/json" },
      body: new URLSearchParams(fields),
      signal: patience.signal,
    });
    const told = await answer.json(); // a proxy's page is none, and is tried again as below
    if (answer.ok && !told.receipt) advise(told.advice);
    else if (answer.ok) {
      forget();
      location.assign(await withPhotos(told));
    } else if (answer.status >= 500) later(told.message);
    else stop(told);
  } catch {
    later();
  } finally {
    clearTimeout(enough);
    busy = false;
    form.removeAttribute("aria-busy");
  }
}

/** The question is safe by now; its photos follow. Where they do not get through, the page of the
    receipt says so, and takes them again. */
async function withPhotos({ receipt, url }) {
  if (!hasFiles(form)) return url;
  tell(words("photos"));
  const noted = (code) => `${url}${url.includes("?") ? "&" : "?"}photo=${code}`;
  const patience = new AbortController();
  const enough = setTimeout(() => patience.abort(), PHOTO_SECONDS * 1000);
  try {
    const data = await smallForm(form);
    const photos = new FormData();
    for (const photo of data.getAll("photo")) photos.append("photo", photo, photo.name ?? "photo");
    const answer = await fetch(`${document.body.dataset.root}/receipt/${receipt}/photos`, {
      method: "POST",
      headers: { Accept: "application/json" },
      body: photos,
      signal: patience.signal,
    });
    return answer.ok ? url : noted((await answer.json()).code);
  } catch {
    return noted("attachment.later");
  } finally {
    clearTimeout(enough);
  }
}

/** What the law sends another way: said once, before it is stored. */
function advise({ kind, message }) {
  const place = document.getElementById("advice");
  const told = document.querySelector("template[data-advice]").content.cloneNode(true);
  told.querySelector("[data-value=advice]").dataset.code = kind;
  told.querySelector("[data-value=advice-message]").textContent = message;
  place.replaceChildren(told);
  draft.sending = false;
  attempts = 0;
  save();
  tell("");
  place.focus();
}

/** The house has refused it: say why, and leave it to the reader. */
function stop({ code, message }) {
  attempts = 0;
  draft.sending = false;
  save();
  tell(message);
  status.scrollIntoView({ block: "nearest" });
  if (code === "consent.missing") naming.open = true;
}

form.addEventListener("input", save);
// Without a line there are no hints.
field("text").addEventListener("focus", () => import("./hints.js").catch(() => {}), { once: true });
form.addEventListener("submit", (event) => {
  event.preventDefault();
  unwatched = false;
  send();
});
addEventListener("online", () => draft.sending && alone());
addEventListener("pageshow", (event) => event.persisted && location.reload());

if (draft.text && !field("text").value) {
  field("text").value = draft.text;
  field("name").value = draft.name ?? "";
  naming.open = Boolean(draft.name);
  field("name_hidden").checked = Boolean(draft.name_hidden);
  // Nobody finds the box ticked, unless he has ticked it and sent.
  field("consent").checked = Boolean(draft.sending && draft.consent);
  if (draft.sending) alone();
  else tell(words("kept"));
}
