// What stands on top of every view: the way to the others, the language, and the way out.

import { element, show } from "./dom.js";
import { choose, language, languages, texts } from "./texts.js";

// `here`: the view that is open, as its link names it; "" where nobody has come in yet.
export function navigate(here) {
  const chooser = document.getElementById("language");
  chooser.ariaLabel = texts.nav.language;
  chooser.replaceChildren(...Object.entries(languages).map(([code, name]) => {
    const option = element("option", { value: code, lang: code }, name);
    option.selected = code === language;
    return option;
  }));
  chooser.addEventListener("change", () => choose(chooser.value));
  for (const link of document.querySelectorAll(".views a")) {
    if (link.dataset.view === here) link.setAttribute("aria-current", "page");
  }
  if (here) offerWayOut();
}

async function offerWayOut() {
  const button = document.getElementById("logout");
  const entry = await fetch("api/v1/entry").then((answer) => answer.json()).catch(() => ({ state: "open" }));
  show(button, entry.state === "password" && entry.inside);
  button.addEventListener("click", async () => {
    await fetch("api/v1/entry/logout", { method: "POST" });
    location.reload();
  });
}
