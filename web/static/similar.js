// Which published questions a text seems to repeat: feedback/similar.py and feedback/places.py in
// JavaScript, so that unfinished text never leaves the telephone. The tests compare the two.

const ALIKE = 0.42;
const PAIR = 0.5;

const EMPTY = new Set(
  ("toi em chau con minh ban bac anh chi co chu ong ba cac nhung la thi ma va voi cua cho o " +
    "tai tren duoi ra vao len xuong da dang se bi duoc khong chua rat qua lam lai nay kia do " +
    "day the nao gi sao bao gio may xin de nghi mong hoi a vay roi cung tu den hom ngay nguoi " +
    "ai nha hay thay het nhieu mot hai di phai can").split(" "),
);

export const KINDS = {
  to: "to\\s+dan\\s+pho|to\\s+dp|tdp|to",
  khu: "khu\\s+pho|khu\\s+vuc|khu\\s+tap\\s+the|kp|khu",
  ngo: "ngo",
  ngach: "ngach",
  hem: "hem",
  kiet: "kiet",
  thon: "thon",
  ap: "ap",
  xom: "xom",
  cum: "cum",
  doi: "doi",
  so: "so\\s+nha|nha\\s+so|so|sn|nha",
  toa: "toa\\s+nha|toa|block|chung\\s+cu",
  tang: "tang|lau",
  can: "can\\s+ho|can|phong",
  lo: "lo",
  day: "day\\s+nha|day",
  duong: "duong",
  pho: "pho",
  cot: "cot\\s+dien|cot\\s+den|tru\\s+dien|cot|tru",
  tram: "tram\\s+bien\\s+ap|tram\\s+bom|tram",
  cong: "mieng\\s+cong|ho\\s+ga|cong",
  phuong: "phuong",
  quan: "quan",
  km: "km",
};
const NUMBER = "[a-z]{0,2}\\d+[a-z]?(?:/\\d+[a-z]?)*(?![\\w])";
const WORDS = { "một": 1, hai: 2, ba: 3, "bốn": 4, "tư": 4, "năm": 5, "sáu": 6, "bảy": 7, "bẩy": 7, "tám": 8, "chín": 9, "mười": 10 };
const ROMAN = { I: 1, II: 2, III: 3, IV: 4, V: 5, VI: 6, VII: 7, VIII: 8, IX: 9, X: 10 };
const UNITS =
  "tang|nguoi|ho|khau|met|m|m2|km|thang|ngay|gio|phut|tuan|nam|lan|trieu|nghin|ngan|dong|cai|" +
  "chiec|con|cay|bong|gian|cap|chau|ba\\s+con|nha|h|giay|%";
const COUNTING = new Set("nha day tang lau phong can tram cong so to duong phuong doi".split(" "));
const NAMING = new Set(["số", "tổ"]);
const LETTERED = new Set(["toa", "lo", "day"]);

// A kind and the name it was called by; then the number. No look-behind: old telephones lack it.
const NAMES = Object.entries(KINDS).map(([kind, names]) => [
  kind,
  names.split("|").map((name) => new RegExp(name, "y")),
]);
const DIGITS = new RegExp(`\\s*[.:]?\\s*(?:so\\s+)?(${NUMBER})`, "y");
const WORD = /\s+(?:so\s+)?([a-z]+)(?!\w)/y;
const MORE = new RegExp(
  `\\s*(?:,|;|&|-|–|\\+|va|voi|den|toi|hoac|hay)\\s*(${NUMBER})(?!\\s*(?:${UNITS})(?!\\w))`,
  "y",
);
const COUNTED = new RegExp(`\\s*(?:${UNITS})(?!\\w)`, "y");

/** Lower case and no marks, as feedback/folding.py has it. */
export function fold(text) {
  return text
    .toLowerCase()
    .normalize("NFD")
    .replace(/\p{M}/gu, "")
    .normalize("NFC")
    .replace(/[đð]/g, "d");
}

/** One character for one. */
function plain(character) {
  const first = Array.from(character.normalize("NFD"))[0].toLowerCase();
  return first === "đ" ? "d" : Array.from(first)[0];
}

function at(pattern, text, index) {
  pattern.lastIndex = index;
  return pattern.exec(text);
}

function numberOf(kind, written) {
  if (/\d/.test(written)) {
    return Array.from(written, plain).join("").replace(/(^|\D)0+(?=\d)/g, "$1");
  }
  if (LETTERED.has(kind) && written.length === 1 && written !== written.toLowerCase()) {
    return written.toLowerCase();
  }
  return String(ROMAN[written] ?? WORDS[written.toLowerCase()] ?? "");
}

/** The alternatives of one kind, each tried with what follows it: the first that fits. */
function placeAt(folded, index) {
  for (const [kind, names] of NAMES) {
    for (const name of names) {
      const called = at(name, folded, index);
      if (!called) continue;
      const end = index + called[0].length;
      const number = at(DIGITS, folded, end) ?? at(WORD, folded, end);
      if (number) return { kind, name: called[0], end, number };
    }
  }
  return null;
}

/** The numbers of each kind of place that the text names: {ngo: Set("5")}. */
export function places(text) {
  const written = text.normalize("NFC");
  const folded = Array.from(written, plain).join("");
  const found = {};
  const add = (kind, number) => {
    if (["ngo", "ngach"].includes(kind) && number.split("/").length === 2) {
      const [lane, alley] = number.split("/");
      add("ngo", lane);
      add("ngach", alley);
    } else (found[kind] ??= new Set()).add(number);
  };
  let index = 0;
  while (index < folded.length) {
    const before = folded[index - 1];
    const place = before && /[\p{L}\p{N}_/]/u.test(before) ? null : placeAt(folded, index);
    if (!place) {
      index += 1;
      continue;
    }
    const { kind, name, end, number } = place;
    index = end + number[0].length;
    const value = numberOf(kind, written.slice(index - number[1].length, index));
    const asWritten = written.slice(end - name.length, end).toLowerCase();
    const mayCount = COUNTING.has(name) && !NAMING.has(asWritten);
    if (!value || (mayCount && at(COUNTED, folded, index))) continue;
    add(kind, value);
    for (let more; (more = at(MORE, folded, index)); index += more[0].length) {
      const stop = index + more[0].length;
      add(kind, numberOf(kind, written.slice(stop - more[1].length, stop)));
    }
  }
  return found;
}

function differ(here, there) {
  return Object.keys(here).some(
    (kind) =>
      there[kind] &&
      (here[kind].size !== there[kind].size || [...here[kind]].some((one) => !there[kind].has(one))),
  );
}

function partsOf(text) {
  const syllables = fold(text).match(/[\p{L}\p{N}_]+/gu) ?? [];
  const parts = new Map();
  for (const one of syllables) if (!EMPTY.has(one)) parts.set(one, 1);
  for (let i = 1; i < syllables.length; i += 1) {
    const [a, b] = [syllables[i - 1], syllables[i]];
    if (!EMPTY.has(a) || !EMPTY.has(b)) parts.set(`${a} ${b}`, PAIR);
  }
  return parts;
}

export class Similar {
  constructor(texts) {
    this.count = texts.length;
    this.inHowMany = new Map();
    const parts = texts.map(partsOf);
    for (const each of parts) {
      for (const part of each.keys()) this.inHowMany.set(part, (this.inHowMany.get(part) ?? 0) + 1);
    }
    this.rows = parts.map((each) => this.weighed(each));
    this.places = texts.map(places);
  }

  /** Which of the texts are like this one, the likest first; none of another place. */
  to(text, most = 3) {
    const row = this.weighed(partsOf(text));
    const here = places(text);
    const found = [];
    this.rows.forEach((other, index) => {
      let likeness = 0;
      for (const [part, value] of row) likeness += value * (other.get(part) ?? 0);
      if (likeness >= ALIKE && !differ(here, this.places[index])) found.push({ index, likeness });
    });
    return found.sort((a, b) => b.likeness - a.likeness).slice(0, most);
  }

  weighed(parts) {
    const row = new Map();
    let square = 0;
    for (const [part, weight] of parts) {
      const idf = Math.log((this.count + 1) / ((this.inHowMany.get(part) ?? 0) + 1)) + 1;
      row.set(part, weight * idf);
      square += (weight * idf) ** 2;
    }
    for (const [part, value] of row) row.set(part, value / Math.sqrt(square));
    return row;
  }
}
