// <mo-countdown until="…">: the time to live that is left, on the emulator's clock.

import { dateAndTime, duration } from "./format.js";
import { Ticking } from "./ticking.js";
import { now } from "./time.js";

const SOON_SECONDS = 30;

/** Attribute `until`: an instant in ISO 8601; without one the object does not expire. */
class Countdown extends Ticking {
  static observedAttributes = ["until"];

  attributeChangedCallback() {
    if (this.isConnected) this.show();
  }

  show() {
    const until = Date.parse(this.getAttribute("until") ?? "");
    if (Number.isNaN(until)) {
      this.textContent = "–";
      this.dataset.state = "none";
      return;
    }
    const left = (until - now()) / 1000;
    this.dataset.state = left <= 0 ? "expired" : left <= SOON_SECONDS ? "soon" : "live";
    const text = left <= 0 ? "expired" : duration(Math.ceil(left));
    if (this.textContent !== text) this.textContent = text;
    this.title = `${left <= 0 ? "expired at" : "expires at"} ${dateAndTime(until)} UTC`;
  }
}

customElements.define("mo-countdown", Countdown);
