// What the revision of the API that the emulator serves can do.

import { get, path } from "./api.js";
import { overview } from "./samples.js";

/** Learn which features the emulator's revision has.
 *
 * @returns {Promise<(name: string) => boolean>} whether it has a feature, as
 *   /_emulator/overview names it
 */
export async function hasFeature(signal) {
  const { features } = overview ?? (await get(path(["overview"]), { signal }));
  return (name) => features.includes(name);
}
