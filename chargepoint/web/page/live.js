// The stream of events: connects, notices silence, and connects again by itself.

const SILENCE_MS = 40000; // the station repeats its status every 15 s
const DELAYS_MS = [500, 1000, 2000, 4000, 8000];
const KINDS = ["status", "recent", "reading", "fact", "frame"];

export class Live {
  // `on` has a function for each kind of event, and `gone(seconds)` / `back()`.
  constructor(on) {
    this.on = on;
    this.attempt = 0;
    this.heardMs = Date.now();
    this.lost = false;
    document.addEventListener("visibilitychange", () => this.wake());
    window.addEventListener("online", () => this.wake());
    window.addEventListener("pagehide", () => this.source?.close());
    window.addEventListener("pageshow", (event) => event.persisted && this.connect());
    setInterval(() => this.check(), 1000);
    this.connect();
  }

  connect() {
    clearTimeout(this.timer);
    this.timer = 0;
    this.source?.close();
    this.source = new EventSource("api/v1/events?recent");
    for (const kind of KINDS) {
      this.source.addEventListener(kind, (event) => {
        this.heard();
        this.on[kind](JSON.parse(event.data));
      });
    }
    this.source.addEventListener("error", () => this.lose());
  }

  heard() {
    this.heardMs = Date.now();
    this.attempt = 0;
    if (this.lost) this.on.back();
    this.lost = false;
  }

  lose() {
    this.source?.close();
    this.lost = true;
    this.tell();
    if (this.timer) return;
    this.knock();
    const delay = DELAYS_MS[Math.min(this.attempt++, DELAYS_MS.length - 1)];
    this.timer = setTimeout(() => this.connect(), delay);
  }

  // The station may answer and not know this browser any more: then the page of the password takes over.
  async knock() {
    const entry = await fetch("api/v1/entry").then((answer) => answer.json()).catch(() => ({ inside: true }));
    if (!entry.inside) location.reload();
  }

  check() {
    if (this.lost) this.tell();
    else if (Date.now() - this.heardMs > SILENCE_MS) this.lose();
  }

  wake() {
    if (!document.hidden && this.lost) this.connect();
  }

  tell() {
    this.on.gone(Math.round((Date.now() - this.heardMs) / 1000));
  }
}
