// The page "objects": not there yet.

import { empty, head, Page } from "../page.js";

class Later extends Page {
  build() {
    this.append(head("objects"), empty("Not there yet"));
  }
}

customElements.define("page-objects", Later);
