// The back office: how the station stands with it, and the way there, proven step by step.

import { notice } from "./api.js";
import { element, say, show } from "./dom.js";
import { examine, Findings } from "./findings.js";
import { fill as fillText, texts, words } from "./texts.js";

export class Office {
  constructor() {
    this.button = document.getElementById("test");
    this.findings = new Findings(document.getElementById("office-findings"));
    this.button.addEventListener("click", () => this.test());
  }

  update({ station, csms }, configuration) {
    const there = csms.state !== "none";
    const told = texts.setup.office;
    show(this.button, there);
    say(document.getElementById("office-about"), there ? told.about : told.none);
    const rows = [
      [told.state, words(texts.csms[csms.state], { version: csms.ocpp })],
      [told.url, csms.url],
      [told.identity, station.identity],
      [told.offered, configuration("[csms]", "versions")?.replace(/["[\]]/g, "")],
      [told.used, csms.ocpp],
      [told.profile, configuration("[csms]", "security_profile")],
      [told.waiting, String(csms.undelivered)],
    ];
    facts(document.getElementById("office-facts"), there ? rows : []);
  }

  async test() {
    this.button.disabled = true;
    say(this.button, texts.setup.office.testing);
    this.findings.clear();
    try {
      await examine("csms", (finding) => this.findings.add(finding));
    } catch (trouble) {
      notice(trouble.message);
    } finally {
      this.button.disabled = false;
      fillText(this.button.parentElement);
    }
  }
}

// Names and values, those that are not known left out.
export function facts(root, rows) {
  const known = rows.filter(([, value]) => value !== null && value !== undefined && value !== "");
  root.replaceChildren(...known.map(([name, value]) => element("div", {}, element("dt", {}, name), element("dd", {}, value))));
}
