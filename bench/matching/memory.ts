/**
 * Bytes that live objects take: the JavaScript heap in use plus the memory behind ArrayBuffers, after two full
 * collections (the second frees what the first one's finalisers let go). Needs `--expose-gc`.
 * @throws Error without `--expose-gc`
 */
export function liveBytes(): number {
  if (globalThis.gc === undefined) throw new Error("start with --expose-gc");
  globalThis.gc();
  globalThis.gc();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}
