// <mo-copy text="…" label="…">: a button that copies a text, and says that it did.

import { h } from "./dom.js";
import { icon } from "./icons.js";
import { announce } from "./toast.js";

const DONE_MS = 1600;

/** Copy a text; true if the browser let us. */
export async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copyBySelection(text);
  }
}

// Where the emulator is reached by plain HTTP on another name, there is no clipboard API.
function copyBySelection(text) {
  const area = h("textarea.visually-hidden", { "aria-hidden": "true", value: text });
  document.body.append(area);
  area.select();
  const done = document.execCommand("copy");
  area.remove();
  return done;
}

/** Attributes: `text` is copied, `label` names it ("API key"). A property `text` does as well, and
 * keeps secrets out of the markup. */
class Copy extends HTMLElement {
  #text = null;
  #timer = 0;

  set text(value) {
    this.#text = value;
  }

  connectedCallback() {
    if (this.firstChild) return;
    const label = this.getAttribute("label") ?? "text";
    this.append(
      h(
        "button.icon-button",
        {
          type: "button",
          "aria-label": `Copy ${label}`,
          title: `Copy ${label}`,
          onclick: () => this.#copy(label),
        },
        icon("copy"),
        icon("check"),
      ),
    );
  }

  async #copy(label) {
    const done = await copy(this.#text ?? this.getAttribute("text") ?? "");
    announce(done ? `Copied ${label}` : `The browser did not let us copy ${label}`);
    this.classList.toggle("done", done);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.classList.remove("done"), DONE_MS);
  }
}

/** A copy button. */
export function copyButton(label, text) {
  const element = h("mo-copy", { label });
  element.text = text;
  return element;
}

customElements.define("mo-copy", Copy);
