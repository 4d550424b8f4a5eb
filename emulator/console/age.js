// <mo-age since="…">: how old something is, on the emulator's clock.

import { age, dateAndTime } from "./format.js";
import { Ticking } from "./ticking.js";
import { now } from "./time.js";

/** Attribute `since`: an instant in ISO 8601. */
class Age extends Ticking {
  show() {
    const since = Date.parse(this.getAttribute("since") ?? "");
    const text = Number.isNaN(since) ? "–" : age(since, now());
    if (this.textContent !== text) this.textContent = text;
    if (!Number.isNaN(since) && !this.title) this.title = `${dateAndTime(since)} UTC`;
  }
}

customElements.define("mo-age", Age);
