// The page "requests": not there yet.

import { empty, head, Page } from "../page.js";

class Later extends Page {
  build() {
    this.append(head("requests"), empty("Not there yet"));
  }
}

customElements.define("page-requests", Later);
