// Hints at what was asked before, while somebody types. What is published is loaded once, when the
// text is first touched (ask.js); what is typed is compared here, and goes nowhere.

const LEAST = 8; // characters
const PAUSE = 300; // ms

const text = document.getElementById("text");
const place = document.getElementById("hints");
const root = document.body.dataset.root;
const pattern = document.querySelector("template[data-hint]").content;
let known = null;
let timer = 0;

async function load() {
  try {
    const { Similar } = await import("./similar.js"); // not before it is needed
    const answer = await fetch(`${root}/published.json`, { headers: { Accept: "application/json" } });
    const { questions } = await answer.json();
    known = { questions, similar: new Similar(questions.map((one) => one.text)) };
    show();
  } catch {
    text.addEventListener("focus", load, { once: true }); // without a line there are no hints
  }
}

function drawn({ id, text: words, open, url }) {
  const hint = pattern.cloneNode(true);
  const item = hint.querySelector("[data-value=hint]");
  item.dataset.code = id;
  hint.querySelector(".words").textContent = words;
  const [answer, form] = [hint.querySelector("a"), hint.querySelector("form")];
  if (open) {
    answer.remove();
    form.action = `${root}/questions/${id}/vote`;
  } else {
    form.remove();
    answer.href = `${root}${url}`;
  }
  return hint;
}

function show() {
  if (!known) return;
  const typed = text.value.trim();
  const found = typed.length < LEAST ? [] : known.similar.to(typed);
  place.hidden = !found.length;
  place.querySelector("ul").replaceChildren(...found.map(({ index }) => drawn(known.questions[index])));
}

text.addEventListener("input", () => {
  clearTimeout(timer);
  timer = setTimeout(show, PAUSE);
});
load();
