// Reads an object's body from a tier: its beginning, or all of it with the progress.

import { path, send } from "../api.js";

/** The address of a body; without a tier it is storage's, or else the cache's. */
export const bodyPath = (store, key, tier) => path(["bodies", store, key], { tier });

/** Read the first bytes of a body, and no more than these. */
export async function beginning(url, bytes, { signal } = {}) {
  const response = await send(url, { signal });
  const reader = response.body.getReader();
  const chunks = [];
  let size = 0;
  while (size < bytes) {
    const { done, value } = await reader.read();
    if (done) break;
    chunks.push(value);
    size += value.length;
  }
  await reader.cancel();
  const read = new Uint8Array(await new Blob(chunks).arrayBuffer());
  return read.subarray(0, bytes);
}

/** Read a whole answer as a Blob of that type.
 *
 * @param {function} [progress] called with the number of bytes read so far
 */
export async function whole(url, { type, progress, signal } = {}) {
  const response = await send(url, { signal });
  if (!progress) return new Blob([await response.blob()], { type });
  let size = 0;
  const counting = new TransformStream({
    transform(chunk, controller) {
      size += chunk.length;
      progress(size);
      controller.enqueue(chunk);
    },
  });
  const counted = new Response(response.body.pipeThrough(counting));
  return new Blob([await counted.blob()], { type });
}
