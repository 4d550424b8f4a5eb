// The page "checkpoints": not there yet.

import { empty, head, Page } from "../page.js";

class Later extends Page {
  build() {
    this.append(head("checkpoints"), empty("Not there yet"));
  }
}

customElements.define("page-checkpoints", Later);
