/**
 * Splits items into lists that each fit one request.
 * @param bytesMax of a list as JSON in UTF-8
 */
export function chunksOf<T>(items: readonly T[], countMax: number, bytesMax: number): T[][] {
  const chunks: T[][] = [];
  let bytes = Number.POSITIVE_INFINITY;
  for (const item of items) {
    const size = Buffer.byteLength(JSON.stringify(item)) + 1; // and a comma
    const current = chunks.at(-1);
    if (current === undefined || current.length === countMax || bytes + size > bytesMax) {
      chunks.push([item]);
      bytes = size + 1; // and a bracket
    } else {
      current.push(item);
      bytes += size;
    }
  }
  return chunks;
}
