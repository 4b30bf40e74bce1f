/** The last checkpoint outside of Postgres, where nobody who can write to the database reaches it. */
import * as z from "zod";
import type { SignedCheckpoint } from "../../audit/end.ts";
import { WITNESS_TIMEOUT_MS } from "../../limits.ts";
import { answeredWithin } from "../../timeout.ts";

export interface Witness {
  /** Undefined before the first. */
  last(): Promise<SignedCheckpoint | undefined>;
  /** Replaces it. */
  keep(checkpoint: SignedCheckpoint): Promise<void>;
}

/** Named in docs/operations/runbooks.md, for those who read it with wrangler. */
const KEY = "last-checkpoint.json";

const schema = z.object({
  seq: z.int().min(1),
  hash: z.string().regex(/^[0-9a-f]{64}$/),
  at: z.string(),
  signature: z.string(),
});

/** Both reject when the bucket does not answer within `WITNESS_TIMEOUT_MS`, or holds something else. */
export function bucketWitness(bucket: R2Bucket): Witness {
  return {
    async last() {
      return answeredWithin(
        (async () => {
          const object = await bucket.get(KEY);
          return object === null ? undefined : schema.parse(await object.json());
        })(),
        WITNESS_TIMEOUT_MS,
      );
    },
    async keep({ seq, hash, at, signature }) {
      const body = JSON.stringify({ seq, hash, at, signature });
      const options = { httpMetadata: { contentType: "application/json" } };
      await answeredWithin(bucket.put(KEY, body, options), WITNESS_TIMEOUT_MS);
    },
  };
}
