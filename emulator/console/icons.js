// The console's icons: strokes on a grid of 24 by 24.

import { svg } from "./dom.js";

const PATHS = {
  overview: "M4 13h6V4H4zM14 20h6v-9h-6zM4 20h6v-3H4zM14 7h6V4h-6z",
  objects: "M12 3l8 4.5v9L12 21l-8-4.5v-9zM4.2 7.6L12 12l7.8-4.4M12 12v9",
  requests: "M4 7h11M11 3l4 4-4 4M20 17H9M13 13l-4 4 4 4",
  faults: "M13 3L5 14h6l-1 7 8-11h-6z",
  clock: "M12 21a9 9 0 100-18 9 9 0 000 18zM12 7v5l3.5 2",
  keys: "M15.5 3.5a5 5 0 11-4.6 6.9L4 17.3V20h3l.8-.8V17h2.2l1.6-1.6M16.5 7.5h0",
  logs: "M5 4h14v16H5zM8.5 9h7M8.5 12.5h7M8.5 16h4",
  checkpoints: "M6 3h12v18l-6-4.5L6 21z",
  menu: "M4 7h16M4 12h16M4 17h16",
  sun: "M12 16a4 4 0 100-8 4 4 0 000 8zM12 2.5v2M12 19.5v2M2.5 12h2M19.5 12h2M5.3 5.3l1.4 1.4M17.3 17.3l1.4 1.4M5.3 18.7l1.4-1.4M17.3 6.7l1.4-1.4",
  moon: "M20 14.5A8.5 8.5 0 019.5 4 8.5 8.5 0 1020 14.5z",
  system: "M3.5 5h17v11h-17zM9 20h6M12 16v4",
  help: "M12 21a9 9 0 100-18 9 9 0 000 18zM9.5 9.3a2.6 2.6 0 015 .7c0 1.7-2.5 2-2.5 3.7M12 17h0",
  search: "M10.5 17a6.5 6.5 0 100-13 6.5 6.5 0 000 13zM15.5 15.5L20 20",
  copy: "M9 9h11v11H9zM5 15H4V4h11v1",
  check: "M5 12.5l4.5 4.5L19 7.5",
  close: "M6 6l12 12M18 6L6 18",
  plus: "M12 5v14M5 12h14",
  trash: "M4 7h16M9 7V4h6v3M6.5 7l1 13h9l1-13M10 11v5.5M14 11v5.5",
  download: "M12 4v11M7.5 11l4.5 4.5 4.5-4.5M5 20h14",
  upload: "M12 15.5V4.5M7.5 9L12 4.5 16.5 9M5 20h14",
  pause: "M9 5v14M15 5v14",
  play: "M7 4.5l12 7.5-12 7.5z",
  snow: "M12 3v18M4.2 7.5l15.6 9M19.8 7.5l-15.6 9M9.5 4.5L12 7l2.5-2.5M9.5 19.5L12 17l2.5 2.5",
  refresh: "M20 11A8 8 0 006 6.5L4 9M4 4v5h5M4 13a8 8 0 0014 4.5l2-2.5M20 20v-5h-5",
  undo: "M9 5L4 10l5 5M4 10h10a6 6 0 010 12h-3",
  folder: "M3.5 6h6l2 2.5h9V19h-17z",
  file: "M6 3h8l4 4v14H6zM14 3v4h4",
  edit: "M4 20l1-4.5L16.5 4 20 7.5 8.5 19z",
  back: "M14.5 5.5L8 12l6.5 6.5",
  forward: "M9.5 5.5L16 12l-6.5 6.5",
  terminal: "M4 5h16v14H4zM7.5 9.5l3 2.5-3 2.5M12.5 15h4",
  book: "M5 4h11a3 3 0 013 3v13H8a3 3 0 01-3-3zM5 17a3 3 0 013-3h11",
  member: "M12 12a4 4 0 100-8 4 4 0 000 8zM4.5 20.5a7.5 7.5 0 0115 0",
  more: "M6 12h0M12 12h0M18 12h0",
  warning: "M12 4l9 16H3zM12 10v4.5M12 17.3h0",
};

/** An icon, which screen readers do not see: what it is in says what it means. */
export const icon = (name) =>
  svg(
    "svg.icon",
    { viewBox: "0 0 24 24", "aria-hidden": "true", class: `icon-${name}` },
    svg("path", { d: PATHS[name] }),
  );
