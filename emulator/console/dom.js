// Builds elements. Text is always a text node, so data can never become markup.

const SVG = "http://www.w3.org/2000/svg";

/** Create an element.
 *
 * @param {string} selector the tag, with classes: "button.primary"
 * @param {object} [properties] "onclick" and the like are listeners, "class" adds classes; true is
 *   an attribute without a value, false, null and undefined are left out; the rest are attributes
 * @param {...any} children nodes, texts, numbers or lists of them; null and false are left out
 */
export function h(selector, properties, ...children) {
  return build(document.createElement(selector.split(".")[0]), selector, properties, children);
}

/** Create an SVG element, as `h` does. */
export function svg(selector, properties, ...children) {
  return build(
    document.createElementNS(SVG, selector.split(".")[0]),
    selector,
    properties,
    children,
  );
}

function build(element, selector, properties, children) {
  const classes = selector.split(".").slice(1);
  if (classes.length) element.classList.add(...classes);
  for (const [name, value] of Object.entries(properties ?? {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "class") element.classList.add(...value.split(" ").filter(Boolean));
    else if (name === "value" && "value" in element) element.value = value;
    else element.setAttribute(name, value === true ? "" : String(value));
  }
  add(element, children);
  return element;
}

function add(element, children) {
  for (const child of children.flat(Infinity)) {
    if (child === null || child === undefined || child === false) continue;
    element.append(child instanceof Node ? child : String(child));
  }
}

/** Replace what is in an element, without touching it if it already is that text. */
export function fill(element, ...children) {
  const [only] = children;
  if (children.length === 1 && (typeof only === "string" || typeof only === "number")) {
    if (element.textContent !== String(only)) element.textContent = String(only);
    return element;
  }
  element.replaceChildren();
  add(element, children);
  return element;
}

/** Save a Blob as a file. */
export function save(blob, name) {
  const url = URL.createObjectURL(blob);
  h("a", { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}

/** Call a function once things have been quiet for some milliseconds. */
export function debounce(milliseconds, act) {
  let timer = 0;
  return (...values) => {
    clearTimeout(timer);
    timer = setTimeout(() => act(...values), milliseconds);
  };
}

let ids = 0;

/** A new id for an element, for labels and descriptions. */
export function newId() {
  ids += 1;
  return `mo-${ids}`;
}
