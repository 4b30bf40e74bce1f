/** A version as Semantic Versioning 2.0.0 orders it: without its build metadata. */
export interface Version {
  readonly core: readonly string[];
  /** Identifiers of a pre-release; none of a release. */
  readonly preRelease: readonly string[];
}

/** The regular expression that semver.org suggests, but for the names of its groups. */
const VERSION =
  /^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(?:-((?:0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*)(?:\.(?:0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*))*))?(?:\+[0-9a-zA-Z-]+(?:\.[0-9a-zA-Z-]+)*)?$/;

/** Reads a version such as `1.4.0-rc.1+build.7`; null when it is none, as `v1.4.0` and `1.4` are none. */
export function parseVersion(text: string): Version | null {
  const parts = VERSION.exec(text);
  if (parts === null) return null;
  const [, major = "", minor = "", patch = "", preRelease] = parts;
  return { core: [major, minor, patch], preRelease: preRelease?.split(".") ?? [] };
}

/** Negative when `a` comes before `b`, 0 when they have the same precedence (section 11). */
export function compareVersions(a: Version, b: Version): number {
  for (let at = 0; at < 3; at++) {
    const order = compareNumbers(a.core[at] as string, b.core[at] as string);
    if (order !== 0) return order;
  }
  // A release comes after all its pre-releases.
  if (a.preRelease.length === 0 || b.preRelease.length === 0)
    return b.preRelease.length - a.preRelease.length;
  for (const [at, identifier] of a.preRelease.entries()) {
    const other = b.preRelease[at];
    if (other === undefined) return 1;
    const order = compareIdentifiers(identifier, other);
    if (order !== 0) return order;
  }
  return a.preRelease.length - b.preRelease.length;
}

function compareIdentifiers(a: string, b: string): number {
  const [isNumber, isOtherNumber] = [a, b].map((identifier) => /^\d+$/.test(identifier));
  if (isNumber && isOtherNumber) return compareNumbers(a, b);
  if (isNumber !== isOtherNumber) return isNumber ? -1 : 1;
  return compareTexts(a, b);
}

/** Of whole numbers without leading zeros, however long: the longer is the larger. */
function compareNumbers(a: string, b: string): number {
  return a.length - b.length || compareTexts(a, b);
}

function compareTexts(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
