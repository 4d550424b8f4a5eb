// Dialogs: one that asks, one with a form, and dangerous acts that can be undone.

import { path, post, put, remove } from "./api.js";
import { h, newId } from "./dom.js";
import { icon } from "./icons.js";
import { failed, toast } from "./toast.js";

/** The name of the checkpoint that is made before something dangerous. */
export const UNDO = "console-undo";

const NO_CHECKPOINT =
  "This emulator cannot make a checkpoint, so it cannot be undone. Confirm again to do it anyway.";

/** Tells "change" when the state was replaced: pages then read theirs again. */
export const state = new EventTarget();

/** Tell the pages that the state was replaced. */
export const stateChanged = () => state.dispatchEvent(new Event("change"));

/** Show a dialog until it is closed; resolves to the submitted FormData, or null.
 *
 * @param {string} title
 * @param {Node[]} content fields and texts
 * @param {{submit?: string, cancel?: string|null, danger?: boolean, wide?: boolean,
 *   required?: boolean, act?: function}} [options] without `required` Escape and a click beside the
 *   dialog close it; `act` is called with the FormData: while it works the dialog stays,
 *   an error is shown in it, and what it returns is the result
 */
export function ask(title, content, options = {}) {
  const { submit = "OK", cancel = "Cancel", danger = false, wide = false, act } = options;
  const { required = false } = options;
  const heading = newId();
  const problem = h("p.problem", { role: "alert" });
  const done = h("button.primary", { type: "submit", class: danger ? "danger" : "" }, submit);
  const form = h(
    "form",
    { method: "dialog" },
    h("h2", { id: heading }, title),
    h("div.dialog-content", {}, content),
    problem,
    h(
      "div.dialog-actions",
      {},
      cancel && h("button", { type: "button", onclick: () => dialog.close() }, cancel),
      done,
    ),
  );
  const kind = `${wide ? "wide" : ""} ${required ? "required" : ""}`;
  const dialog = h("dialog", { "aria-labelledby": heading, class: kind }, form);
  document.body.append(dialog);
  return new Promise((resolve) => {
    let result = null;
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      const given = new FormData(form);
      problem.textContent = "";
      done.disabled = true;
      try {
        result = act ? ((await act(given)) ?? given) : given;
        dialog.close();
      } catch (error) {
        problem.textContent = error.message;
      } finally {
        done.disabled = false;
      }
    });
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(result);
    });
    dialog.addEventListener("click", (event) => {
      if (event.target === dialog && !required) dialog.close();
    });
    dialog.addEventListener("cancel", (event) => {
      if (required) event.preventDefault();
    });
    dialog.showModal();
    (form.querySelector("[autofocus], input, select, textarea") ?? done).focus();
  });
}

/** Close every dialog, as when another page is shown, except one that has to be answered. */
export function closeDialogs() {
  for (const dialog of document.querySelectorAll("dialog:not(.required)")) dialog.close();
}

/** Ask once whether to do something dangerous, then do it. With `undo` a checkpoint is made before,
 * and the message afterwards offers to go back to it. Where the emulator cannot make one, as with
 * objects in S3, the dialog says so, and does it when it is confirmed once more.
 *
 * @param {{title: string, message: string, submit: string, act: function, done: string,
 *   undo?: boolean}} what `done` is said afterwards
 * @returns {Promise<boolean>} whether it was done
 */
export async function danger({ title, message, submit, act, done, undo = true }) {
  let canUndo = undo;
  const hint = h(
    "p.hint",
    { hidden: !undo },
    icon("undo"),
    "You can undo this: a checkpoint is made first. Undo goes back to it, which takes back " +
      "what clients change in between as well.",
  );
  const given = await ask(
    title,
    [h("p", {}, message), hint],
    {
      submit,
      danger: true,
      act: async () => {
        if (canUndo) {
          canUndo = await keepForUndo();
          hint.hidden = !canUndo;
          if (!canUndo) throw new Error(NO_CHECKPOINT);
        }
        await act();
      },
    },
  );
  if (given === null) return false;
  closeLast();
  closeLast = toast(done, { action: canUndo ? { label: "Undo", act: goBack } : undefined });
  return true;
}

// There is one checkpoint, so only the message about the last act offers to undo it.
let closeLast = () => {};

// Whether there is a checkpoint to go back to; the emulator refuses one where others share a bucket.
async function keepForUndo() {
  try {
    await put(path(["checkpoints", UNDO]));
    return true;
  } catch (error) {
    if (error.status === 400) return false;
    throw error;
  }
}

async function goBack() {
  try {
    await post(path(["checkpoints", UNDO]));
    await remove(path(["checkpoints", UNDO]));
    stateChanged();
    toast("Undone");
  } catch (error) {
    failed(error);
  }
}

/** A labelled field of a form.
 *
 * @param {string} label
 * @param {HTMLElement} control an input, select or textarea
 * @param {string} [hint]
 */
export function field(label, control, hint) {
  const id = newId();
  control.id = id;
  if (hint) control.setAttribute("aria-describedby", `${id}-hint`);
  return h(
    "div.field",
    {},
    h("label", { for: id }, label),
    control,
    hint && h("p.hint", { id: `${id}-hint` }, hint),
  );
}

/** A select with options: texts, or pairs of value and text. */
export const select = (properties, options) =>
  h(
    "select",
    properties,
    options.map((option) => {
      const [value, text] = Array.isArray(option) ? option : [option, option];
      return h("option", { value }, text);
    }),
  );
