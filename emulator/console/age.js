// <mo-age since="…">: how old something is, on the emulator's clock.

import { age, dateAndTime } from "./format.js";
import { now, ticks } from "./time.js";

/** Attribute `since`: an instant in ISO 8601. */
class Age extends HTMLElement {
  #tick = () => this.#show();

  connectedCallback() {
    ticks.addEventListener("tick", this.#tick);
    this.#show();
  }

  disconnectedCallback() {
    ticks.removeEventListener("tick", this.#tick);
  }

  #show() {
    const since = Date.parse(this.getAttribute("since") ?? "");
    const text = Number.isNaN(since) ? "–" : age(since, now());
    if (this.textContent !== text) this.textContent = text;
    if (!Number.isNaN(since) && !this.title) this.title = `${dateAndTime(since)} UTC`;
  }
}

customElements.define("mo-age", Age);
