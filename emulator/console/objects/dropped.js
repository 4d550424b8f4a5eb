// Files that are dropped on the page, those inside of dropped folders as well.

/** Whether something that is dragged has files. */
export const hasFiles = (event) => [...(event.dataTransfer?.types ?? [])].includes("Files");

/** The files of a drop or a file field, each with its path below what was chosen.
 *
 * @returns {Promise<{file: File, name: string}[]>}
 */
export async function filesOf(transfer) {
  const entries = [...transfer.items]
    .filter(({ kind }) => kind === "file")
    .map((item) => item.webkitGetAsEntry?.() ?? item.getAsFile());
  return (await Promise.all(entries.map((entry) => walk(entry, "")))).flat();
}

/** The files of a file field. */
export const chosen = (input) =>
  [...input.files].map((file) => ({ file, name: file.webkitRelativePath || file.name }));

async function walk(entry, folder) {
  if (entry === null) return [];
  if (entry instanceof File) return [{ file: entry, name: folder + entry.name }];
  if (entry.isFile) {
    const file = await new Promise((resolve, reject) => entry.file(resolve, reject));
    return [{ file, name: folder + file.name }];
  }
  const reader = entry.createReader();
  const found = [];
  for (;;) {
    const some = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
    if (some.length === 0) break;
    found.push(...some);
  }
  return (await Promise.all(found.map((each) => walk(each, `${folder}${entry.name}/`)))).flat();
}

/** Let files be dropped on an element, which has the class `dropping` meanwhile. */
export function dropZone(element, take, { signal } = {}) {
  let inside = 0;
  const over = (event, change) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    inside = Math.max(0, inside + change);
    element.classList.toggle("dropping", inside > 0);
  };
  element.addEventListener("dragenter", (event) => over(event, 1), { signal });
  element.addEventListener("dragleave", (event) => over(event, -1), { signal });
  element.addEventListener("dragover", (event) => over(event, 0), { signal });
  element.addEventListener(
    "drop",
    async (event) => {
      over(event, -inside);
      if (hasFiles(event)) take(await filesOf(event.dataTransfer));
    },
    { signal },
  );
}
