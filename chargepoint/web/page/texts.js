// Every word the page shows, in the language of whoever looks: chosen here and kept, else what the browser asks for.

const KEPT = "language";

function kept() {
  try {
    return localStorage.getItem(KEPT) ?? "";
  } catch {
    return ""; // a browser that keeps nothing
  }
}

const answer = await fetch(`texts?language=${encodeURIComponent(kept())}`);
export const { language, locale, languages, page: texts, sentences } = await answer.json();
const plurals = new Intl.PluralRules(locale);
const patterns = Object.entries(sentences).filter(([english]) => english.includes("{")).map(([english, words]) => [pattern(english), words]);
document.documentElement.lang = language;

export function choose(next) {
  try {
    localStorage.setItem(KEPT, next);
  } catch {
    // the choice lasts as long as the page, which is loaded anew
  }
  location.reload();
}

// A text with its places filled in. One that has forms for numbers takes that of `values.count`.
export function words(entry, values = {}) {
  const form = typeof entry === "string" ? entry : entry[plurals.select(values.count)] ?? entry.other;
  return form.replace(/\{(\w+)\}/g, (place, name) => values[name] ?? place);
}

// What the station says in English, as far as there is a translation of it.
export function translated(sentence) {
  if (typeof sentence !== "string" || sentences[sentence] !== undefined) return sentences[sentence] ?? sentence;
  for (const [shape, translation] of patterns) {
    const found = shape.exec(sentence);
    if (found) return words(translation, found.groups);
  }
  return sentence;
}

function pattern(english) {
  const parts = english.split(/\{(\w+)\}/).map((part, n) => (n % 2 ? `(?<${part}>.+?)` : part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")));
  return new RegExp(`^${parts.join("")}$`, "s");
}

// The text at a dotted path: text("car.plug").
export function text(path) {
  return path.split(".").reduce((table, key) => table[key], texts);
}

// Fill every element that names its text.
export function fill(root) {
  for (const element of root.querySelectorAll("[data-t]")) element.textContent = text(element.dataset.t);
  for (const element of root.querySelectorAll("[data-label]")) element.ariaLabel = text(element.dataset.label);
}
