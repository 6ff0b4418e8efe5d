// What a person on site may do: start, stop, limit, unlock, take out of service.

import { notice, post } from "./api.js";
import { say, show } from "./dom.js";
import { duration } from "./format.js";
import { texts, words } from "./texts.js";

const SURE_MS = 4000; // how long the question stands before the button is harmless again

export class Control {
  constructor(id, root, parts) {
    this.id = id;
    this.parts = parts;
    this.held = false; // is the slider in somebody's hand?
    this.later = false; // out of service when the session is over
    this.sure = 0;
    const doing = { stop: () => this.ask("stop"), unlock: () => this.unlock(), skip: () => this.ask("skip-delay"), availability: () => this.toggle() };
    for (const [name, deed] of Object.entries(doing)) root.querySelector(`[data-do="${name}"]`).addEventListener("click", deed);
    parts.start.addEventListener("submit", (event) => this.start(event));
    parts.limit.addEventListener("input", () => this.slide());
    parts.limit.addEventListener("change", () => this.limit());
  }

  range(most) {
    this.parts.limit.max = most;
    if (!this.held) this.showLimit(Number(this.parts.limit.value) || most);
  }

  update(state) {
    const running = Boolean(state.session?.transaction);
    show(this.parts.start, !running);
    show(this.parts.running, running);
    if (!running) this.later = false;
    const out = state.status === "unavailable" || this.later;
    say(this.parts.availability, out ? texts.control.intoService : texts.control.outOfService);
    this.state = state;
    show(this.parts.unlock, state.locked !== null);
    if (!this.held) this.showLimit(state.limits.find((limit) => limit.source === "local")?.amps ?? Number(this.parts.limit.max));
  }

  // How long a random delay still lasts, on the button that ends it.
  tick(nowMs) {
    const delay = this.state?.limits.find((limit) => limit.source === "random delay");
    show(this.parts.skip, Boolean(delay?.until));
    if (delay?.until) say(this.parts.skip, words(texts.control.skip, { left: duration(Math.max(Date.parse(delay.until) - nowMs, 0)) }));
  }

  ask(deed, body = {}) {
    return post(`evse/${this.id}/${deed}`, body);
  }

  async start(event) {
    event.preventDefault();
    if (await this.ask("start", { token: this.parts.start.elements.token.value.trim() })) this.parts.start.reset();
  }

  slide() {
    this.held = true;
    this.showLimit(Number(this.parts.limit.value));
  }

  async limit() {
    const amps = Number(this.parts.limit.value);
    await this.ask("limit", { amps: amps >= Number(this.parts.limit.max) ? null : amps });
    this.held = false;
  }

  showLimit(amps) {
    const most = Number(this.parts.limit.max);
    this.parts.limit.value = amps;
    const shown = amps >= most ? texts.control.noLimit : `${amps} A`;
    say(this.parts["limit-shown"], shown);
    this.parts.limit.setAttribute("aria-valuetext", shown);
  }

  // A session ends when the plug is unlocked: the first press only asks.
  async unlock() {
    if (this.state?.session?.transaction && !this.sure) {
      say(this.parts.unlock, texts.control.unlockSure);
      this.sure = setTimeout(() => this.calm(), SURE_MS);
      return;
    }
    this.calm();
    if (await this.ask("unlock")) notice(texts.control.unlocked, "good");
  }

  calm() {
    clearTimeout(this.sure);
    this.sure = 0;
    say(this.parts.unlock, texts.control.unlock);
  }

  async toggle() {
    const available = this.state.status === "unavailable" || this.later;
    const after = await this.ask("availability", { available });
    if (!after) return;
    this.later = !available && after.status !== "unavailable";
    if (this.later) notice(texts.control.later, "good");
    this.update(after);
  }
}
