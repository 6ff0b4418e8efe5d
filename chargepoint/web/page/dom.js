// The little that is needed to build and change the page without making it jump.

export function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value !== null && value !== undefined) made.setAttribute(key, value);
  }
  made.append(...children.filter((child) => child !== null && child !== undefined));
  return made;
}

export function svg(name, attributes = {}) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}

// Write only what is new: a screen reader is told of every change in a live region.
export function say(target, words) {
  if (target.textContent !== words) target.textContent = words;
}

export function show(target, visible) {
  if (target.hidden === visible) target.hidden = !visible;
}

// The parts of a cloned template by their names.
export function parts(root) {
  return Object.fromEntries([...root.querySelectorAll("[data-part]")].map((part) => [part.dataset.part, part]));
}

// Replace the children only when what they show has changed.
export function list(target, key, make) {
  const shown = JSON.stringify(key);
  if (target.dataset.shown === shown) return;
  target.dataset.shown = shown;
  target.replaceChildren(...make());
}
