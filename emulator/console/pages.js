// The table of pages: a row for each, in the order of the navigation.
//
// A page's module defines its custom element, which extends `Page` (page.js); the shell imports it
// when the page is first shown. `needs` names a feature of the revision without which the page is
// left out (the `features` of /_emulator/overview).

export const PAGES = [
  { id: "overview", title: "Overview", module: "./pages/overview.js", tag: "page-overview" },
  { id: "objects", title: "Stores and objects", module: "./pages/objects.js", tag: "page-objects" },
  { id: "requests", title: "Requests", module: "./pages/requests.js", tag: "page-requests" },
  { id: "faults", title: "Faults", module: "./pages/faults.js", tag: "page-faults" },
  { id: "clock", title: "Clock", module: "./pages/clock.js", tag: "page-clock" },
  { id: "keys", title: "Keys and roles", module: "./pages/keys.js", tag: "page-keys" },
  { id: "logs", title: "Logs and metrics", module: "./pages/logs.js", tag: "page-logs" },
  {
    id: "checkpoints",
    title: "Checkpoints",
    module: "./pages/checkpoints.js",
    tag: "page-checkpoints",
  },
];
