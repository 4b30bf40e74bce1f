import { createPrivateKey, generateKeyPairSync, type KeyObject } from "node:crypto";
import { beforeAll, describe, expect, it } from "vitest";
import {
  generateSigningKey,
  type KeyBindings,
  loadKeys,
  type PublicJwk,
  publicJwks,
} from "../../src/auth/keys.ts";
import { PRIVATE_JWK, SIGNATURE, SIGNING_INPUT } from "./rfc7515.ts";

/** RFC 7638, section 3.1. */
const RFC7638_JWK = {
  kty: "RSA",
  n: "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw",
  e: "AQAB",
};
const RFC7638_THUMBPRINT = "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs";

const NOW = new Date("2026-11-21T10:00:00Z");
const pkcs8 = (key: KeyObject): string => key.export({ format: "pem", type: "pkcs8" }).toString();
const rfc7515Pem = pkcs8(createPrivateKey({ key: PRIVATE_JWK, format: "jwk" }));
const { n, e } = PRIVATE_JWK;

const mustLoad = async (bindings: KeyBindings) => {
  const loaded = await loadKeys(bindings);
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
  return loaded.keys;
};

describe("loadKeys, by the specifications", () => {
  it("names a key by its RFC 7638 thumbprint", async () => {
    const keys = await mustLoad({
      signingKey: rfc7515Pem,
      previousKeys: JSON.stringify({ keys: [RFC7638_JWK] }),
    });
    expect([...keys.verification.keys()]).toContain(RFC7638_THUMBPRINT);
  });

  it("signs RFC 7515, appendix A.2, with its private key, and verifies it with the public half", async () => {
    const { signing, verification } = await mustLoad({ signingKey: rfc7515Pem });
    const input = new TextEncoder().encode(SIGNING_INPUT);
    const signature = await crypto.subtle.sign("RSASSA-PKCS1-v1_5", signing.privateKey, input);
    expect(Buffer.from(signature).toString("base64url")).toBe(SIGNATURE);
    const publicKey = verification.get(signing.kid)?.publicKey;
    if (publicKey === undefined) throw new Error("the current key does not verify");
    expect(
      await crypto.subtle.verify("RSASSA-PKCS1-v1_5", publicKey, Buffer.from(SIGNATURE, "base64url"), input),
    ).toBe(true);
  });
});

describe("loadKeys", () => {
  it("keeps a private key that cannot be exported", async () => {
    const keys = await mustLoad({ signingKey: rfc7515Pem });
    expect(keys.signing.privateKey.extractable).toBe(false);
    expect(keys.signing.privateKey.usages).toEqual(["sign"]);
  });

  it.each([
    ["line breaks written as \\n", rfc7515Pem.replaceAll("\n", "\\n")],
    ["Windows line breaks", rfc7515Pem.replaceAll("\n", "\r\n")],
    ["blanks around it", `\n  ${rfc7515Pem}\n`],
  ])("reads a PEM with %s", async (_, signingKey) => {
    expect((await loadKeys({ signingKey })).ok).toBe(true);
  });

  it.each([undefined, "", "  ", '{"keys":[]}'])("takes %j for no previous key", async (previousKeys) => {
    const keys = await mustLoad({ signingKey: rfc7515Pem, previousKeys });
    expect(keys.verification.size).toBe(1);
  });

  describe("refuses a signing key and names the problem, not the key", () => {
    const rsa1024 = generateKeyPairSync("rsa", { modulusLength: 1024 }).privateKey;
    const rsa = createPrivateKey(rfc7515Pem);
    const encrypted = { format: "pem", type: "pkcs8", cipher: "aes-256-cbc", passphrase: "x" } as const;
    const body = rfc7515Pem.split("\n").slice(1, -2);
    it.each([
      ["nothing", "", "is not PEM text"],
      ["words", "canary-not-a-key", "is not PEM text"],
      ["a JWK", JSON.stringify(PRIVATE_JWK), "is not PEM text"],
      ["no end", `-----BEGIN PRIVATE KEY-----\n${body.join("\n")}`, "is not PEM text"],
      ["PKCS#1", rsa.export({ format: "pem", type: "pkcs1" }), '"RSA PRIVATE KEY"'],
      ["an encrypted key", rsa.export(encrypted), '"ENCRYPTED PRIVATE KEY"'],
      [
        "a public key",
        generateKeyPairSync("rsa", { modulusLength: 2048 }).publicKey.export({ format: "pem", type: "spki" }),
        '"PUBLIC KEY"',
      ],
      ["1,024 bits", pkcs8(rsa1024), "has 1024 bits, fewer than 2048"],
      [
        "an exponent of 3",
        pkcs8(generateKeyPairSync("rsa", { modulusLength: 2048, publicExponent: 3 }).privateKey),
        "exponent other than 65537",
      ],
      [
        "an EC key",
        pkcs8(generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey),
        "is not an RSA private key",
      ],
      ["an Ed25519 key", pkcs8(generateKeyPairSync("ed25519").privateKey), "is not an RSA private key"],
      [
        "a truncated key",
        `-----BEGIN PRIVATE KEY-----\n${body.slice(0, 9).join("\n")}\n-----END PRIVATE KEY-----`,
        "is not an RSA private key",
      ],
    ])("%s", async (_, pem, message) => {
      const signingKey = pem.toString();
      const loaded = await loadKeys({ signingKey });
      if (loaded.ok) throw new Error("accepted");
      expect(loaded.problems).toEqual([
        { binding: "signing_key", message: expect.stringContaining(message) },
      ]);
      for (const line of signingKey
        .split("\n")
        .filter((text) => text.length > 8 && !text.startsWith("---"))) {
        expect(JSON.stringify(loaded.problems)).not.toContain(line);
      }
    });
  });

  describe("refuses previous keys and names the problem", () => {
    const jwks = (...keys: unknown[]): string => JSON.stringify({ keys });
    const withoutTopBit = (modulus: string): string => {
      const bytes = Buffer.from(modulus, "base64url");
      bytes[0] = (bytes[0] ?? 0) & 0x7f;
      return bytes.toString("base64url");
    };
    const weak = generateKeyPairSync("rsa", { modulusLength: 1024 }).publicKey.export({ format: "jwk" });
    const ec = generateKeyPairSync("ec", { namedCurve: "P-256" }).publicKey.export({ format: "jwk" });
    it.each([
      ["words", "canary", "is not a JWKS"],
      ["a list", "[]", "is not a JWKS"],
      ["keys that are no list", '{"keys":{}}', "is not a JWKS"],
      ["keys twice", '{"keys":[],"keys":[]}', "is not a JWKS"],
      ["a key that is no object", jwks(null), "keys[0] is not an object"],
      ["a private key", jwks(RFC7638_JWK, PRIVATE_JWK), "keys[1] holds a private member"],
      ["a private exponent of null", jwks({ ...RFC7638_JWK, d: null }), "keys[0] holds a private member"],
      ["a symmetric key", jwks({ kty: "oct", k: "c2VjcmV0" }), "keys[0] holds a private member"],
      ["an EC key", jwks(ec), "keys[0] is not an RSA key"],
      ["another algorithm", jwks({ ...RFC7638_JWK, alg: "PS256" }), "keys[0] is not for RS256"],
      ["an encryption key", jwks({ ...RFC7638_JWK, use: "enc" }), "keys[0] is not for signatures"],
      ["1,024 bits", jwks(weak), "keys[0] has 1024 bits"],
      ["2,047 bits", jwks({ ...RFC7638_JWK, n: withoutTopBit(RFC7638_JWK.n) }), "keys[0] has 2047 bits"],
      [
        "an exponent of 1",
        jwks({ ...RFC7638_JWK, e: "AQ" }),
        "keys[0] has a public exponent other than 65537",
      ],
      ["no modulus", jwks({ kty: "RSA", e: "AQAB" }), "keys[0] has no n and e"],
      [
        "a padded modulus",
        jwks({ ...RFC7638_JWK, n: `${RFC7638_JWK.n}==` }),
        "keys[0] has a malformed modulus",
      ],
      [
        "a zero before the modulus",
        jwks({ ...RFC7638_JWK, n: `AAAA${n}` }),
        "keys[0] has a malformed modulus",
      ],
      ["a name of its own", jwks({ ...RFC7638_JWK, kid: "2011-04-29" }), "keys[0] has a kid that is not"],
      ["an end that is text", jwks({ ...RFC7638_JWK, exp: "1" }), "keys[0] has an exp that is not"],
      [
        "an end without end",
        '{"keys":[{"kty":"RSA","n":"x","e":"AQAB","exp":1e400}]}',
        "keys[0] has an exp that",
      ],
      ["a key twice", jwks(RFC7638_JWK, RFC7638_JWK), "lists a key twice"],
      ["the current key", jwks({ kty: "RSA", n, e, exp: 1 }), "or the current key"],
    ])("%s", async (_, previousKeys, message) => {
      const loaded = await loadKeys({ signingKey: rfc7515Pem, previousKeys });
      if (loaded.ok) throw new Error("accepted");
      expect(loaded.problems).toEqual([
        { binding: "previous_keys", message: expect.stringContaining(message) },
      ]);
      expect(JSON.stringify(loaded.problems)).not.toContain("canary");
    });
  });

  it("reports every problem of both bindings at once", async () => {
    const loaded = await loadKeys({ signingKey: "x", previousKeys: '{"keys":[1,{"kty":"EC"}]}' });
    expect(loaded).toMatchObject({
      problems: [{ binding: "signing_key" }, { binding: "previous_keys" }, { binding: "previous_keys" }],
    });
  });
});

describe("publicJwks", () => {
  it("publishes the current key first, public members only, and previous keys until they retire", async () => {
    const exp = NOW.getTime() / 1_000 + 60;
    const previous = { ...RFC7638_JWK, exp, key_ops: ["verify"], owner: "canary" };
    const keys = await mustLoad({
      signingKey: rfc7515Pem,
      previousKeys: JSON.stringify({ keys: [previous] }),
    });

    const current: PublicJwk = { kty: "RSA", n, e, kid: keys.signing.kid, alg: "RS256", use: "sig" };
    const { n: previousN } = RFC7638_JWK;
    const retiring: PublicJwk = { ...current, n: previousN, kid: RFC7638_THUMBPRINT, exp };
    expect(publicJwks(keys, NOW)).toEqual({ keys: [current, retiring] });
    expect(publicJwks(keys, new Date(exp * 1_000))).toEqual({ keys: [current] });
  });
});

describe("generateSigningKey", () => {
  let generated: Awaited<ReturnType<typeof generateSigningKey>>;
  beforeAll(async () => {
    generated = await generateSigningKey();
  });

  it("makes a key that loads under the name it gives", async () => {
    const keys = await mustLoad({ signingKey: generated.pem });
    expect(keys.signing.kid).toBe(generated.jwk.kid);
    expect(publicJwks(keys, NOW)).toEqual({ keys: [generated.jwk] });
  });

  it("makes a public half that loads as a previous key", async () => {
    const keys = await mustLoad({
      signingKey: rfc7515Pem,
      previousKeys: JSON.stringify({ keys: [generated.jwk] }),
    });
    expect(keys.verification.has(generated.jwk.kid)).toBe(true);
  });

  it("makes 3,072 bits, of which a signature has 384 bytes", () => {
    expect(Buffer.from(generated.jwk.n, "base64url")).toHaveLength(384);
  });

  it("never makes the same key twice", async () => {
    expect((await generateSigningKey()).jwk.kid).not.toBe(generated.jwk.kid);
  });
});
