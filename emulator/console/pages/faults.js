// The page "faults": not there yet.

import { empty, head, Page } from "../page.js";

class Later extends Page {
  build() {
    this.append(head("faults"), empty("Not there yet"));
  }
}

customElements.define("page-faults", Later);
