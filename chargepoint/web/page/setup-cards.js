// The cards known here: added by holding them to the reader, named, and taken away again.

import { get, notice, post, send } from "./api.js";
import { element, say, show } from "./dom.js";
import { dayAndTime } from "./format.js";
import { texts, translated, words } from "./texts.js";

const WITHIN_S = 30;
const SURE_MS = 4000;
const byId = (id) => document.getElementById(id);

export class Cards {
  // `changed` is told the cards that were added here.
  constructor(changed) {
    this.changed = changed;
    this.round = 0; // of waiting for a card; an answer to a former one is none
    this.type = ""; // of the card in the form
    byId("add-card").addEventListener("click", () => this.hold());
    byId("hold-cancel").addEventListener("click", () => this.stop());
    byId("hold-type").addEventListener("click", () => this.stop().then(() => this.ask("", "")));
    byId("card-cancel").addEventListener("click", () => this.rest());
    byId("card-form").addEventListener("submit", (event) => this.keep(event));
    window.addEventListener("pagehide", () => this.stop());
  }

  learn(mode, readers) {
    this.readers = readers;
    const about = { ocpp: texts.setup.cards.officeAbout, free: texts.setup.cards.freeAbout };
    say(byId("cards-about"), about[mode] ?? texts.setup.cards.about);
  }

  async load() {
    const cards = (await get("cards")) ?? [];
    const own = cards.filter((card) => card.source === "local");
    byId("known").replaceChildren(...(own.length ? own.map((card) => this.row(card)) : [element("li", { class: "empty" }, texts.setup.cards.none)]));
    this.changed(own);
  }

  row(card) {
    const told = texts.setup.cards;
    const remove = element("button", { type: "button", class: "quiet" }, told.remove);
    remove.setAttribute("aria-label", `${told.remove}: ${card.name ?? card.id}`);
    remove.addEventListener("click", () => this.remove(card, remove));
    const state = card.status !== "Accepted" ? told.blocked : card.expires_at ? words(told.until, { time: dayAndTime(Date.parse(card.expires_at)) }) : null;
    const name = element("div", {}, element("strong", { class: card.name ? null : "muted" }, card.name ?? told.unnamed));
    name.append(element("p", { class: "seen" }, [card.id, card.type, state].filter(Boolean).join(" · ")));
    return element("li", {}, name, remove);
  }

  // --- adding -------------------------------------------------------------------------------------------------------

  async hold() {
    if (!this.readers) return this.ask("", texts.setup.cards.noReader);
    const round = ++this.round;
    show(byId("card-form"), false);
    show(byId("hold"), true);
    byId("add-card").disabled = true;
    this.count(round, WITHIN_S);
    const answer = await post("cards/learn", { within_s: WITHIN_S });
    if (round !== this.round) return null;
    this.rest();
    return answer && this.take(answer);
  }

  take({ card, known, useless }) {
    if (!card) return notice(texts.setup.cards.nobody);
    if (useless) return notice(texts.setup.cards.random);
    return this.ask(card.id, known ? texts.setup.cards.known : "", card);
  }

  count(round, seconds) {
    if (round !== this.round || byId("hold").hidden) return;
    say(byId("hold-left"), words(texts.setup.cards.left, { count: seconds }));
    if (seconds > 0) setTimeout(() => this.count(round, seconds - 1), 1000);
  }

  async stop() {
    if (byId("hold").hidden) return;
    this.rest();
    await fetch("api/v1/cards/learn", { method: "DELETE", keepalive: true });
  }

  // Nothing is being added.
  rest() {
    this.round++;
    byId("add-card").disabled = false;
    show(byId("hold"), false);
    show(byId("card-form"), false);
  }

  ask(id, note, card = {}) {
    const form = byId("card-form");
    this.type = card.type ?? "";
    form.elements.id.value = id;
    form.elements.id.readOnly = Boolean(id);
    form.elements.name.value = card.name ?? "";
    say(byId("card-note"), note);
    show(byId("card-note"), Boolean(note));
    show(form, true);
    form.elements[id ? "name" : "id"].focus();
  }

  async keep(event) {
    event.preventDefault();
    const { id, name } = Object.fromEntries(new FormData(event.target));
    const card = { id: id.trim(), name: name.trim() };
    if (this.type) card.type = this.type;
    if (!(await post("cards", card))) return;
    this.rest();
    await this.load();
  }

  // --- removing -----------------------------------------------------------------------------------------------------

  async remove(card, button) {
    if (!button.dataset.sure) {
      button.dataset.sure = "yes";
      say(button, texts.setup.cards.removeSure);
      setTimeout(() => {
        delete button.dataset.sure;
        say(button, texts.setup.cards.remove);
      }, SURE_MS);
      return;
    }
    if (await send("DELETE", `cards/${encodeURIComponent(card.id)}`)) await this.load();
  }
}
