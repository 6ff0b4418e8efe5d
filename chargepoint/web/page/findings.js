// The doctor's steps as a list: what was proven, how it ended, what was seen, and the remedy.

import { element } from "./dom.js";
import { texts, translated, words } from "./texts.js";

const MARKS = { ok: "✓", failed: "✗", skipped: "–" };
const told = () => texts.setup.checks;

// The part of the station that a step belongs to: "evse.1.pilot.level" is of EVSE 1.
export function head(step) {
  const [first, second] = step.split(".");
  const numbered = /^\d+$/.test(second ?? "");
  return words(told().heads[first] ?? told().heads.other, { number: numbered ? second : "" }).trim();
}

export class Findings {
  constructor(root) {
    this.root = root;
    this.clear();
  }

  clear() {
    this.found = [];
    this.lists = new Map(); // the part's name -> its list
    this.root.replaceChildren();
  }

  load(findings) {
    this.clear();
    for (const finding of findings) this.add(finding);
  }

  add(finding) {
    this.found.push(finding);
    const title = head(finding.step);
    if (!this.lists.has(title)) {
      this.lists.set(title, element("ul", {}));
      this.root.append(element("h3", {}, title), this.lists.get(title));
    }
    this.lists.get(title).append(row(finding));
  }

  count(outcome) {
    return this.found.filter((finding) => finding.outcome === outcome).length;
  }
}

const capital = (sentence) => sentence.charAt(0).toUpperCase() + sentence.slice(1);

function row({ proves, outcome, seen, remedy }) {
  const mark = element("span", { class: "mark", "aria-hidden": "true" }, MARKS[outcome] ?? "?");
  const name = element("div", {}, element("strong", {}, capital(translated(proves))), element("span", { class: "hidden" }, `: ${told()[outcome] ?? outcome}`));
  if (seen) name.append(element("p", { class: "seen" }, translated(seen)));
  if (remedy) name.append(element("p", { class: "remedy" }, translated(remedy)));
  return element("li", { "data-outcome": outcome }, mark, name);
}

// Ask for an examination; each step is handed on as it comes. The closing line, or null where it broke off.
export async function examine(part, each) {
  const response = await fetch("api/v1/doctor", { method: "POST", body: JSON.stringify({ part }), headers: { "Content-Type": "application/json" } });
  if (!response.ok) throw new Error(translated((await response.json()).error));
  let end = null;
  for await (const line of lines(response.body.pipeThrough(new TextDecoderStream()).getReader())) {
    const said = JSON.parse(line);
    if (said.step) each(said);
    else end = said;
  }
  return end;
}

async function* lines(reader) {
  let rest = "";
  for (let { value, done } = await reader.read(); !done; { value, done } = await reader.read()) {
    const parts = (rest + value).split("\n");
    rest = parts.pop();
    yield* parts;
  }
}
