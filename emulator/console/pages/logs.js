// The page "logs": not there yet.

import { empty, head, Page } from "../page.js";

class Later extends Page {
  build() {
    this.append(head("logs"), empty("Not there yet"));
  }
}

customElements.define("page-logs", Later);
