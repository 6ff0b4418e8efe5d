// The simulated car and cable of one EVSE.

import { post } from "./api.js";
import { element, show } from "./dom.js";
import { texts } from "./texts.js";

export class Bench {
  constructor(id, root, parts) {
    this.id = id;
    this.root = root;
    this.parts = parts;
    this.buttons = {};
    const doing = {
      plug: () => this.plug(),
      unplug: () => this.ask("unplug", { side: "both" }),
      "unplug-ev": () => this.ask("unplug", { side: "ev" }),
      "fault-on": () => this.breakIt(true),
      "fault-off": () => this.breakIt(false),
    };
    for (const [name, deed] of Object.entries(doing)) {
      this.buttons[name] = root.querySelector(`[data-do="${name}"]`);
      this.buttons[name].addEventListener("click", deed);
    }
    for (const [kind, words] of Object.entries(texts.car.kinds)) parts.fault.append(element("option", { value: kind }, words));
    for (const option of root.querySelectorAll("[data-car]")) option.addEventListener("change", () => this.change(option));
  }

  show(simulated) {
    show(this.parts.car, simulated);
  }

  update(state) {
    const plugged = state.pilot !== "A" && state.pilot !== "F";
    this.plugged = plugged;
    this.buttons.plug.disabled = plugged;
    this.buttons["unplug-ev"].disabled = !plugged;
    this.buttons.unplug.disabled = !plugged && !state.cable_present;
  }

  ask(deed, body) {
    return post(`sim/evse/${this.id}/${deed}`, body);
  }

  // What the next car and cable are like.
  next() {
    const chosen = (name) => this.root.querySelector(`[data-next="${name}"]`);
    const car = (name) => this.root.querySelector(`[data-car="${name}"]`);
    return {
      cable_a: Number(chosen("cable_a").value),
      phases: Number(chosen("phases").value),
      inserted: chosen("half").checked ? "half" : "full",
      draw_a: Number(car("draw_a").value),
      asks_power: car("asks_power").checked,
    };
  }

  // Plugging in tells the cable and what the car draws; the rest of its habits follows.
  async plug() {
    if (!(await this.ask("plug", this.next()))) return;
    const habits = [...this.root.querySelectorAll("[data-car]")].filter((option) => option.type === "checkbox" && option.checked !== option.defaultChecked);
    if (habits.length) await this.ask("car", Object.fromEntries(habits.map((option) => [option.dataset.car, option.checked])));
  }

  // Without a car, a choice waits for the next one.
  change(option) {
    const value = option.type === "checkbox" ? option.checked : Number(option.value);
    return this.plugged ? this.ask("car", { [option.dataset.car]: value }) : null;
  }

  breakIt(active) {
    return this.ask("fault", { kind: this.parts.fault.value, active });
  }
}
