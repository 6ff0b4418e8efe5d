// Requests to the station, and the place where it says why something cannot be done.

import { element } from "./dom.js";
import { texts, translated } from "./texts.js";

const NOTICE_MS = 8000;
let timer = 0;

export function notice(words, kind = "bad") {
  const box = document.getElementById("notice");
  const close = element("button", { type: "button", "aria-label": texts.dismiss }, "×");
  close.addEventListener("click", () => box.replaceChildren());
  box.dataset.kind = kind;
  box.replaceChildren(element("p", {}, words.charAt(0).toUpperCase() + words.slice(1)), close);
  clearTimeout(timer);
  timer = setTimeout(() => box.replaceChildren(), NOTICE_MS);
}

// Ask the station to do something. The answer, or null after telling the user why not.
export const post = (path, body = {}) => send("POST", path, body);

export async function send(method, path, body = {}) {
  try {
    const response = await fetch(`api/v1/${path}`, { method, body: JSON.stringify(body), headers: { "Content-Type": "application/json" } });
    const answer = await response.json();
    if (response.ok) return answer;
    notice(translated(answer.error) ?? texts.failed);
  } catch {
    notice(texts.failed);
  }
  return null;
}

export async function get(path) {
  try {
    const response = await fetch(`api/v1/${path}`);
    return response.ok ? await response.json() : null;
  } catch {
    return null;
  }
}
