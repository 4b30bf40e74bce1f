import type { SnapshotStore } from "./active-set.ts";

/**
 * The format has a version of its own; this one tells deployments of different code apart. In 1, there were no gates,
 * and rules did not yet say by which semantics they are read.
 */
const KEY = "active-campaigns.2";

export function bucketSnapshots(bucket: R2Bucket): SnapshotStore {
  return {
    async read() {
      try {
        const object = await bucket.get(KEY);
        const epoch = epochOf(object);
        return object === null || epoch === undefined
          ? undefined
          : { epoch, body: await object.arrayBuffer() };
      } catch {
        return undefined;
      }
    },
    epoch: async () => epochOf(await bucket.head(KEY)),
    async write(epoch, body) {
      await bucket.put(KEY, body, { customMetadata: { epoch: String(epoch) } });
    },
  };
}

function epochOf(object: R2Object | null): number | undefined {
  const epoch = Number(object?.customMetadata?.["epoch"]);
  return Number.isSafeInteger(epoch) ? epoch : undefined;
}
