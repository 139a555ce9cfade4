// Keeps a page as it is in the house: the server renders regions, this file puts them in place.
//
// The page names itself in <body data-live-page>. Regions are elements with an id and data-live.
// The socket sends {"regions": {id: html}}, {"levels": {name: dBFS}}, and {} every second.
// Forms with data-quiet are sent without leaving the page; without JavaScript they post as usual.

import { Line } from "./line.js";
import { hasFiles, smallForm } from "./shrink.js";
import { Idiomorph } from "./vendor/idiomorph/idiomorph.esm.js";

const SHOW_LOST_AFTER = 1_500; // ms; a short gap is nobody's business
const ANSWER_WITHIN = 20_000; // ms for a form
const UPLOADED_WITHIN = 120_000; // ms for a form with photos
const PREVIEW_EVERY = 1_000; // ms
const REVOKED = 4403; // close code: this browser may not look any longer

const byId = (id) => document.getElementById(id);

// ---- regions -------------------------------------------------------------------------------

/** What people typed, opened or chose, and what this file writes itself, outlives a redraw. */
function keep(attribute, element) {
  if (attribute === "open" && element.localName === "details") return false;
  if (attribute === "value" && element.matches("input:not([type=hidden]), textarea, select, meter[data-level]")) return false;
  if ((attribute === "checked" || attribute === "selected") && element.matches("input, option")) return false;
  return !(attribute === "src" && element.matches("img[data-preview]"));
}

function redraw(id, html) {
  const region = byId(id);
  if (!region) return;
  Idiomorph.morph(region, html, {
    morphStyle: "innerHTML",
    // Only what is being typed stays as it is; a button that was just tapped gets its new meaning.
    ignoreActiveValue: document.activeElement?.matches("input, textarea, select") ?? false,
    callbacks: { beforeAttributeUpdated: keep },
  });
}

function showLevels(levels) {
  for (const [name, level] of Object.entries(levels)) {
    for (const meter of document.querySelectorAll(`meter[data-level="${name}"]`)) {
      meter.value = Math.max(meter.min, level);
    }
  }
}

// ---- the line to the house -----------------------------------------------------------------

/** `token` is a function, because a guest's token may have changed by the next attempt. */
function connect(page, token) {
  const notice = byId("line-lost");
  let show;

  function address() {
    const url = new URL(`${document.body.dataset.root}/live/${page}`, location.href);
    url.protocol = location.protocol === "https:" ? "wss:" : "ws:";
    return url;
  }

  // In a message, and not in the address: proxies log addresses.
  function open() {
    if (token) line.send({ token: token() });
  }

  function message({ regions = {}, levels = {} }) {
    clearTimeout(show);
    show = undefined;
    notice.hidden = true;
    for (const [id, html] of Object.entries(regions)) redraw(id, html);
    showLevels(levels);
    if (page === "stage") line.send({}); // the house restarts a big screen that answers no more
  }

  function lost() {
    show ??= setTimeout(() => { notice.hidden = false; }, SHOW_LOST_AFTER);
  }

  function denied(code) {
    if (code !== REVOKED || token) return false;
    location.reload(); // leads on to pairing or log-in
    return true;
  }

  const follows = document.querySelector("[data-call]") !== null;
  const line = new Line(address, { open, message, lost, denied }, { follows });

  /** Whoever has left looks no longer, and has lost nothing. */
  return function close() {
    clearTimeout(show);
    notice.hidden = true;
    const { socket } = line;
    line.close();
    socket?.close();
  };
}

// ---- forms ---------------------------------------------------------------------------------

function say(id, words) {
  const place = byId(id);
  place.textContent = words;
  if (words) place.scrollIntoView({ block: "nearest" });
}

function noAnswer() {
  return document.querySelector('template[data-text="no-answer"]')?.content.textContent ?? "";
}

/** Random in insecure contexts too, where crypto.randomUUID does not exist. */
function freshKey() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function finished(form) {
  form.reset();
  for (const key of form.querySelectorAll("[data-fresh-key]")) key.value = freshKey();
  form.closest("details:not([data-stay])")?.removeAttribute("open");
}

/** On their way: the same command once more is a finger that trembled. A redraw may turn the form
    into that of the next command meanwhile, and that one must not be lost. */
const underWay = new Set();

/** As without JavaScript: the house answers with a page that has to be looked at first. */
function post(form) {
  if (!form.isConnected) {
    form.hidden = true;
    document.body.append(form); // a redraw has put another in its place
  }
  form.submit();
}

async function send(form) {
  const { action } = form;
  const fields = [...new FormData(form)].filter(([, value]) => typeof value === "string");
  const command = `${action}?${new URLSearchParams(fields)}`;
  if (underWay.has(command)) return;
  underWay.add(command);
  form.setAttribute("aria-busy", "true");
  say("problem", "");
  say("done", "");
  try {
    const files = hasFiles(form);
    const response = await fetch(action, {
      method: "POST",
      body: files ? await smallForm(form) : new URLSearchParams(fields),
      headers: { Accept: "application/json" },
      signal: AbortSignal.timeout(files ? UPLOADED_WITHIN : ANSWER_WITHIN),
    });
    const answer = response.status === 204 ? {} : await response.json();
    if (response.ok) {
      if (answer.url) location.assign(answer.url);
      else if (form.action === action) finished(form);
      say("done", answer.message ?? "");
    } else if (answer.code === "question.marks_open") {
      post(form);
    } else {
      say("problem", answer.message ?? noAnswer());
    }
  } catch {
    say("problem", noAnswer());
  } finally {
    underWay.delete(command);
    form.removeAttribute("aria-busy");
  }
}

document.addEventListener("submit", (event) => {
  if (!event.target.matches("form[data-quiet]")) return;
  event.preventDefault();
  send(event.target);
});

// The second tap of a double tap would fall on whatever stands there by then.
document.addEventListener("click", (event) => {
  if (event.detail > 1 && event.target.closest("button:not([data-again])")) {
    event.preventDefault();
    event.stopPropagation();
  }
}, { capture: true });

document.addEventListener("click", async (event) => {
  const button = event.target.closest("button[data-copy]");
  if (!button) return;
  const source = byId(button.dataset.copy);
  source.select();
  try {
    await navigator.clipboard.writeText(source.value);
  } catch {
    document.execCommand("copy"); // plain http has no clipboard
  }
  say("done", button.dataset.copied);
});

// Where the device can hand a text to Zalo and the like; elsewhere the button stays hidden.
if (navigator.share) {
  for (const button of document.querySelectorAll("button[data-share]")) {
    button.hidden = false;
    button.addEventListener("click", () => navigator.share({ text: byId(button.dataset.share).value }).catch(() => {}));
  }
}

// ---- seconds and pictures ------------------------------------------------------------------

/** Each with what the house said last, and when: the clock of this device may be wrong. */
const countdowns = new WeakMap();

function countDown(place) {
  const said = place.dataset.countdown;
  let known = countdowns.get(place);
  if (known?.said !== said) countdowns.set(place, (known = { said, at: performance.now() }));
  const left = Math.max(0, Math.round(Number(said) - (performance.now() - known.at) / 1_000));
  place.textContent = inWords(left, place.dataset.days);
}

/** The same as the server's words: days, hours:minutes:seconds, or minutes:seconds. */
function inWords(left, days) {
  if (left >= 2 * 86_400) return days.replace("#", Math.floor(left / 86_400));
  const two = (number) => String(number).padStart(2, "0");
  const minutes = Math.floor(left / 60);
  if (left < 3_600) return `${minutes}:${two(left % 60)}`;
  return `${Math.floor(minutes / 60)}:${two(minutes % 60)}:${two(left % 60)}`;
}

setInterval(() => document.querySelectorAll("[data-countdown]").forEach(countDown), 1_000);

setInterval(() => {
  for (const place of document.querySelectorAll("[data-seconds-left]")) {
    place.textContent = Math.max(0, Number(place.textContent) - 1);
  }
}, 1_000);

const awaited = new WeakSet();
setInterval(() => {
  if (document.visibilityState !== "visible") return;
  for (const picture of document.querySelectorAll("img[data-preview]")) {
    if (awaited.has(picture) || picture.checkVisibility?.() === false) continue; // slow, or folded away
    const next = new Image();
    const address = new URL(picture.src);
    address.searchParams.set("t", Date.now());
    awaited.add(picture);
    next.addEventListener("load", () => { picture.src = next.src; });
    for (const end of ["load", "error"]) next.addEventListener(end, () => awaited.delete(picture));
    next.src = address;
  }
}, PREVIEW_EVERY);

const { livePage, liveGuest } = document.body.dataset;
if (livePage && !liveGuest) connect(livePage);
if (liveGuest) {
  // A guest may look while he is in the call; call.js says so in data-at, and keeps his token.
  const call = document.querySelector("[data-call]");
  let close;
  const watcher = new MutationObserver(() => {
    const inside = call.dataset.at === "call";
    if (inside) close ??= connect(livePage, () => localStorage.getItem(liveGuest) ?? "");
    else close = close?.();
  });
  watcher.observe(call, { attributeFilter: ["data-at"] });
}
