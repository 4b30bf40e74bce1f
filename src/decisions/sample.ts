/** How finely subjects are divided: a bucket is 0.01 percent of them. */
const BUCKETS = 10_000;

/** A part of all subjects: the same subjects for the same salt, and of a larger percentage also those of a smaller. */
export interface Sample {
  /** 0 to 100, in hundredths. */
  readonly percent: number;
  readonly salt: string;
}

/** A part of all subjects that every campaign which names the key leaves out. */
export interface Holdout {
  readonly key: string;
  /** As of a sample. */
  readonly percent: number;
}

/**
 * The bucket of a subject, 0 to 9,999: GrowthBook's hash, version 2, in ten-thousandths
 * (https://docs.growthbook.io/lib/build-your-own#hashing).
 */
export function bucketOf(salt: string, subject: string): number {
  return fnv1a32(String(fnv1a32(salt + subject))) % BUCKETS;
}

/** The bucket of a subject in a holdout, which no sample's salt shares by accident. */
export const holdoutBucketOf = ({ key }: Holdout, subject: string): number =>
  bucketOf(`holdout/${key}/`, subject);

/** Whether a bucket is one of the first so many percent. */
export const isWithin = (percent: number, bucket: number): boolean =>
  bucket < Math.round((percent / 100) * BUCKETS);

/** FNV-1a of 32 bits over UTF-16 units, as GrowthBook's JavaScript has it. */
function fnv1a32(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return hash >>> 0;
}
