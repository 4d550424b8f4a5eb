// The base of elements that show how far an instant is away, on the emulator's clock.

import { ticks } from "./time.js";

/** Calls `show()` while it is in the page: at first, and with each second of the clock. */
export class Ticking extends HTMLElement {
  #tick = () => this.show();

  connectedCallback() {
    ticks.addEventListener("tick", this.#tick);
    this.show();
  }

  disconnectedCallback() {
    ticks.removeEventListener("tick", this.#tick);
  }
}
