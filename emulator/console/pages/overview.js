// The page "overview": not there yet.

import { empty, head, Page } from "../page.js";

class Later extends Page {
  build() {
    this.append(head("overview"), empty("Not there yet"));
  }
}

customElements.define("page-overview", Later);
