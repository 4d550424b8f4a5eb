// The page "keys": not there yet.

import { empty, head, Page } from "../page.js";

class Later extends Page {
  build() {
    this.append(head("keys"), empty("Not there yet"));
  }
}

customElements.define("page-keys", Later);
