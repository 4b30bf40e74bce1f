import { loadKeys, type PublicJwk } from "../../src/auth/keys.ts";

/** New values of the API's bindings, in the order in which they are set. */
export interface Rotation {
  /** So that every isolate knows the new key before one of them signs with it; none when the old one is compromised. */
  readonly announce: { readonly JWT_PREVIOUS_KEYS: string } | undefined;
  /** Both at once. */
  readonly change: { readonly JWT_SIGNING_KEY: string; readonly JWT_PREVIOUS_KEYS: string };
}

export interface NewKey {
  readonly pem: string;
  readonly jwk: PublicJwk;
}

/**
 * How to replace the key that signs.
 * @param published the Worker's JWKS: the key that signs now, then those that only verify
 * @param oldKeyUntil when the key that signs now stops verifying; undefined when it is to stop at once
 * @throws RangeError when no key is published
 */
export function planRotation(
  published: readonly PublicJwk[],
  { pem, jwk }: NewKey,
  oldKeyUntil: Date | undefined,
): Rotation {
  const [current, ...previous] = published;
  if (current === undefined) throw new RangeError("no key is published");
  if (oldKeyUntil === undefined) {
    return { announce: undefined, change: { JWT_SIGNING_KEY: pem, JWT_PREVIOUS_KEYS: jwksOf(previous) } };
  }
  const retiring = { ...current, exp: Math.floor(oldKeyUntil.getTime() / 1_000) };
  return {
    announce: { JWT_PREVIOUS_KEYS: jwksOf([jwk, ...previous]) },
    change: { JWT_SIGNING_KEY: pem, JWT_PREVIOUS_KEYS: jwksOf([retiring, ...previous]) },
  };
}

const jwksOf = (keys: readonly PublicJwk[]): string => JSON.stringify({ keys });

/** Why a Worker would not start with these keys; empty when it would. */
export async function problemsOf({ change }: Rotation): Promise<string[]> {
  const loaded = await loadKeys({
    signingKey: change.JWT_SIGNING_KEY,
    previousKeys: change.JWT_PREVIOUS_KEYS,
  });
  return loaded.ok ? [] : loaded.problems.map(({ message }) => message);
}
