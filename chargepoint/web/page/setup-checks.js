// The guided checks: all that can be proven while the station runs, step by step.

import { get, notice } from "./api.js";
import { say } from "./dom.js";
import { examine, Findings } from "./findings.js";
import { dayAndTime } from "./format.js";
import { texts, words } from "./texts.js";

export class Checks {
  // `changed` is told the last examination: {at, findings}.
  constructor(changed) {
    this.changed = changed;
    this.button = document.getElementById("check");
    this.verdict = document.getElementById("check-verdict");
    this.findings = new Findings(document.getElementById("findings"));
    this.button.addEventListener("click", () => this.run());
  }

  async load() {
    const last = await get("doctor");
    if (last) this.show(last);
  }

  show({ at, findings }) {
    this.findings.load(findings);
    say(this.verdict, at ? this.summary(at) : texts.setup.checks.none);
    this.changed({ at, findings });
  }

  summary(at) {
    const told = texts.setup.checks;
    const counted = [["failed", told.bad], ["ok", told.good], ["skipped", told.left]].map(([outcome, forms]) => [this.findings.count(outcome), forms]);
    const sums = counted.filter(([count]) => count).map(([count, forms]) => words(forms, { count }));
    return [`${words(told.at, { time: dayAndTime(Date.parse(at)) })}.`, ...sums].join(" ");
  }

  async run() {
    this.button.disabled = true;
    this.findings.clear();
    say(this.verdict, texts.setup.checks.running);
    try {
      const end = await examine("all", (finding) => this.findings.add(finding));
      if (end) this.show({ at: end.at, findings: [...this.findings.found] });
      else say(this.verdict, texts.setup.checks.lost);
    } catch (trouble) {
      say(this.verdict, texts.setup.checks.lost);
      notice(trouble.message);
    } finally {
      this.button.disabled = false;
    }
  }
}
