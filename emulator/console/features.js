// What the revision of the API that the emulator serves can do.

import { get, path } from "./api.js";

let known = null;

/** Ask the emulator once which features its revision has.
 *
 * @returns {Promise<(name: string) => boolean>} whether it has a feature, as
 *   /_emulator/overview names it
 */
export async function hasFeature(signal) {
  known ??= new Set((await get(path(["overview"]), { signal })).features);
  return (name) => known.has(name);
}
