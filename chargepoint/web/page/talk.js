// What the station and its back office say to each other: one row a message, the message itself behind it.

import { element } from "./dom.js";
import { seconds } from "./format.js";
import { texts, words } from "./texts.js";

const ROWS = 200;
const ROUTINE = new Set(["Heartbeat", "MeterValues"]);
const [CALL, RESULT] = [2, 3];

export class Talk {
  constructor(root, all) {
    this.root = root;
    this.calls = new Map(); // message id -> what was asked, to name the answers
    all.addEventListener("change", () => root.classList.toggle("all", all.checked));
  }

  load(frames, alone) {
    this.calls.clear();
    this.root.replaceChildren(element("li", { class: "empty" }, alone ? texts.talk.alone : texts.talk.none));
    for (const frame of frames) this.add(frame);
  }

  add(frame) {
    this.root.querySelector(".empty")?.remove();
    this.root.prepend(this.row(frame));
    while (this.root.children.length > ROWS) this.root.lastElementChild.remove();
  }

  row({ at, direction, message }) {
    const { title, hint, kind, routine } = this.read(message);
    const summary = element("summary", {},
      element("time", { datetime: at }, seconds(Date.parse(at))),
      element("span", { class: "way", title: texts.talk[direction] }, direction === "out" ? "→" : "←", element("span", { class: "hidden" }, texts.talk[direction])),
      element("span", { class: "title" }, title),
      element("span", { class: "hint" }, hint));
    const body = element("pre", { tabindex: "0" }, typeof message === "string" ? message : JSON.stringify(message, null, 2));
    return element("li", { "data-kind": kind, "data-way": direction, class: routine ? "routine" : null }, element("details", {}, summary, body));
  }

  read(message) {
    if (!Array.isArray(message)) return { title: texts.talk.lost, hint: String(message), kind: "error" };
    const [type, id, third, fourth] = message;
    if (type === CALL) {
      const hint = gist(fourth);
      const routine = ROUTINE.has(third) || hint.startsWith("Updated, MeterValue");
      this.remember(id, { action: third, routine });
      return { title: third, hint, kind: "call", routine };
    }
    const { action, routine } = this.calls.get(id) ?? { action: texts.talk.unknown };
    if (type === RESULT) return { title: words(texts.talk.answer, { action }), hint: gist(third), kind: "answer", routine };
    return { title: words(texts.talk.error, { action }), hint: String(third), kind: "error" };
  }

  remember(id, call) {
    this.calls.set(id, call);
    if (this.calls.size > ROWS * 2) this.calls.delete(this.calls.keys().next().value);
  }
}

// The few words of a payload that tell most.
function gist(payload) {
  if (typeof payload !== "object" || payload === null) return "";
  const nested = [payload.idTagInfo?.status, payload.idTokenInfo?.status, payload.statusInfo?.reasonCode];
  const plain = [payload.eventType, payload.triggerReason, payload.connectorStatus, payload.status, payload.reason, payload.key,
    payload.requestedMessage, payload.type, payload.errorCode === "NoError" ? null : payload.errorCode, payload.transactionInfo?.chargingState];
  return [...plain, ...nested].filter((word) => typeof word === "string").join(", ");
}
