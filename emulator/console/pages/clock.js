// The page "clock": not there yet.

import { empty, head, Page } from "../page.js";

class Later extends Page {
  build() {
    this.append(head("clock"), empty("Not there yet"));
  }
}

customElements.define("page-clock", Later);
