// Turns a camera while a button is held, and stops it when the button is let go.
//
// <form data-steer="/do/release-camera"> with hidden fields, and a <button data-hold> in it. While it
// is held the form is sent again and again; where the signs stay away, the house stops the camera by
// itself. Without this file, and from the keyboard, a tap sends the form once: one step.

const SIGN_EVERY = 250; // ms; the house waits for three of them
const ANSWER_WITHIN = 3_000; // ms

const page = Array.from(crypto.getRandomValues(new Uint8Array(8)), (byte) => byte.toString(16).padStart(2, "0")).join("");
let count = 0;
let held;

function post(action, form, hold, waits) {
  const body = new URLSearchParams([...new FormData(form), ["hold", hold]]);
  const headers = { Accept: "application/json" };
  // keepalive: also where the page goes away in this moment
  return fetch(action, { method: "POST", body, headers, keepalive: true, signal: waits && AbortSignal.timeout(ANSWER_WITHIN) });
}

function say(words) {
  const place = document.getElementById("problem");
  if (place) place.textContent = words;
}

async function hold(form) {
  const mine = (held = { form, name: `${page}.${(count += 1)}` });
  form.querySelector("button").classList.add("held");
  say("");
  while (held === mine) {
    try {
      const response = await post(form.action, form, mine.name, true);
      if (!response.ok && held === mine) {
        letGo();
        say((await response.json()).message ?? "");
      }
    } catch {
      // a sign that was lost: the next one may arrive
    }
    await new Promise((resolve) => { setTimeout(resolve, SIGN_EVERY); });
  }
}

function letGo() {
  if (!held) return;
  const { form, name } = held;
  held = undefined;
  for (const button of document.querySelectorAll(".held")) button.classList.remove("held");
  post(form.dataset.steer, form, name, false).catch(() => {}); // unheard, the house stops it all the same
}

const holdable = (event) => event.target.closest?.("button[data-hold]");

document.addEventListener("pointerdown", (event) => {
  const button = holdable(event);
  if (!button || event.button !== 0) return;
  letGo();
  hold(button.form);
});
document.addEventListener("click", (event) => {
  if (holdable(event) && event.detail > 0) event.preventDefault(); // it was held; the keyboard's has no detail
});
document.addEventListener("contextmenu", (event) => {
  if (holdable(event)) event.preventDefault(); // a long touch asks for one
});
for (const end of ["pointerup", "pointercancel", "blur", "pagehide"]) window.addEventListener(end, letGo);
document.addEventListener("visibilitychange", letGo);
