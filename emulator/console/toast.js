// Short messages at the edge of the window, and the live region for screen readers.

import { h, fill } from "./dom.js";
import { icon } from "./icons.js";

const SHOWN_MS = 6000;
const WITH_ACTION_MS = 15_000;
const AT_MOST = 4;

const box = h("div.toasts", { role: "region", "aria-label": "Messages" });
const live = h("div.visually-hidden", { role: "status", "aria-live": "polite" });

/** Put both into the page. */
export const regions = () => [box, live];

/** Let screen readers say something that others see anyway. */
export const announce = (message) => fill(live, message);

/** Show a message; return a function that takes it away.
 *
 * @param {string} message
 * @param {{kind?: "done"|"error", action?: {label: string, act: function}}} [options]
 */
export function toast(message, { kind = "done", action } = {}) {
  const close = () => {
    clearTimeout(timer);
    shown.remove();
  };
  const shown = h(
    "div.toast",
    { class: kind },
    icon(kind === "error" ? "warning" : "check"),
    h("p", {}, message),
    action &&
      h(
        "button.quiet",
        {
          type: "button",
          onclick: () => {
            close();
            action.act();
          },
        },
        icon("undo"),
        action.label,
      ),
    h(
      "button.icon-button",
      { type: "button", "aria-label": "Dismiss", onclick: close },
      icon("close"),
    ),
  );
  let timer = 0;
  const start = () => {
    timer = setTimeout(close, action ? WITH_ACTION_MS : SHOWN_MS);
  };
  shown.addEventListener("mouseenter", () => clearTimeout(timer));
  shown.addEventListener("mouseleave", start);
  start();
  while (box.childElementCount >= AT_MOST) box.firstChild.remove();
  box.append(shown);
  announce(message);
  return close;
}

/** Show an error; that of a request that was given up is none. */
export function failed(error) {
  if (error.name === "AbortError") return;
  if (error.name !== "ApiError") console.error(error);
  toast(error.message, { kind: "error" });
}
