import { constants, createHmac, createPublicKey, createSign, generateKeyPairSync } from "node:crypto";
import * as jose from "jose";
import type { Refusal } from "../../src/auth/tokens.ts";
import {
  base64url,
  type Deployment,
  type Forged,
  forge,
  HONEST_KEY,
  HONEST_SESSION,
  honestHeader,
  KEY_ID,
  NOW,
  NOW_S,
  SETTINGS,
  without,
} from "./forge.ts";

/** A deployment, and a server that would notice if a `jku` or `x5u` were fetched. */
export interface Target extends Deployment {
  readonly baitUrl: string;
}

/** Makes one hostile token. */
export type Attack = (target: Target) => string | Promise<string>;
export type TokenAttack = readonly [name: string, attack: Attack, reason: Refusal];
type Row = TokenAttack;

// Each attack changes one thing about a token that is otherwise honest, and signed by our own key if it can be.
/** Accepted: an attack changes one thing about it. */
export const honest: Attack = ({ keys }) => forge(keys, honestHeader(keys), HONEST_SESSION);
const withHeader =
  (members: object): Attack =>
  ({ keys }) =>
    forge(keys, { ...honestHeader(keys), ...members }, HONEST_SESSION);
export const withHeaderText =
  (text: (honestText: string) => Forged): Attack =>
  ({ keys }) =>
    forge(keys, text(JSON.stringify(honestHeader(keys))), HONEST_SESSION);
const withPayload =
  (payload: Forged): Attack =>
  ({ keys }) =>
    forge(keys, honestHeader(keys), payload);
export const withClaims = (claims: object): Attack => withPayload({ ...HONEST_SESSION, ...claims });
const withoutClaim = (claim: keyof typeof HONEST_SESSION): Attack =>
  withPayload(without(HONEST_SESSION, claim));
/** Appends members to the payload's JSON text: a second `exp`, a number that JavaScript cannot write. */
export const withClaimText = (members: string): Attack =>
  withPayload(JSON.stringify(HONEST_SESSION).replace(/\}$/, `,${members}}`));
export const withKeyClaims = (claims: object): Attack => withPayload({ ...HONEST_KEY, ...claims });
const rewritten =
  (rewrite: (token: string) => string): Attack =>
  async (given) => {
    const token = await honest(given);
    const changed = rewrite(token);
    if (changed === token) throw new Error("the attack changed nothing");
    return changed;
  };
const part =
  (index: number, rewrite: (text: string) => string): Attack =>
  (given) =>
    rewritten((token) =>
      token
        .split(".")
        .map((text, at) => (at === index ? rewrite(text) : text))
        .join("."),
    )(given);

/** An honest token's input under another `alg`, signed by whatever `sign` does with it. */
export const signedAs =
  (alg: unknown, sign: (input: string, given: Target) => Buffer | string): Attack =>
  (given) => {
    const input = `${base64url({ ...honestHeader(given.keys), alg })}.${base64url(HONEST_SESSION)}`;
    const signature = sign(input, given);
    return `${input}.${typeof signature === "string" ? signature : base64url(signature)}`;
  };
const spki = ({ pem }: Target) => createPublicKey(pem);
const publicPem = (given: Target): string => spki(given).export({ format: "pem", type: "spki" }).toString();
const publicJwk = ({ keys }: Target): object => {
  const { n, e, kty } = keys.verification.get(keys.signing.kid)?.jwk ?? {};
  return { kty, n, e };
};
const hmac = (secret: (given: Target) => string | Buffer) => (input: string, given: Target) =>
  createHmac("sha256", secret(given)).update(input).digest();
export const rsa = (hash: string, padding: number) => (input: string, given: Target) =>
  createSign(hash).update(input).sign({ key: given.pem, padding });

function algorithmAttacks(): Row[] {
  return [
    ...["none", "None", "NONE", "nOnE"].flatMap((alg): Row[] => [
      [`${alg} without a signature`, signedAs(alg, () => ""), "algorithm"],
      [`${alg} with a signature`, withHeader({ alg }), "algorithm"],
    ]),
    ["HS256 keyed with the public key as PEM", signedAs("HS256", hmac(publicPem)), "algorithm"],
    [
      "HS256, trimmed PEM",
      signedAs(
        "HS256",
        hmac((given) => publicPem(given).trim()),
      ),
      "algorithm",
    ],
    [
      "HS256, DER",
      signedAs(
        "HS256",
        hmac((given) => spki(given).export({ format: "der", type: "spki" })),
      ),
      "algorithm",
    ],
    [
      "HS256, JWK",
      signedAs(
        "HS256",
        hmac((given) => JSON.stringify(publicJwk(given))),
      ),
      "algorithm",
    ],
    [
      "HS256 with an empty key",
      signedAs(
        "HS256",
        hmac(() => ""),
      ),
      "algorithm",
    ],
    ["RS384", signedAs("RS384", rsa("sha384", constants.RSA_PKCS1_PADDING)), "algorithm"],
    ["RS512", signedAs("RS512", rsa("sha512", constants.RSA_PKCS1_PADDING)), "algorithm"],
    ["PS256", signedAs("PS256", rsa("sha256", constants.RSA_PKCS1_PSS_PADDING)), "algorithm"],
    [
      "ES256",
      signedAs("ES256", (input) =>
        createSign("sha256")
          .update(input)
          .sign({
            key: generateKeyPairSync("ec", {
              namedCurve: "P-256",
              privateKeyEncoding: { type: "pkcs8", format: "pem" },
              publicKeyEncoding: { type: "spki", format: "pem" },
            }).privateKey,
            dsaEncoding: "ieee-p1363",
          }),
      ),
      "algorithm",
    ],
    [
      "RS256 over a PSS signature",
      signedAs("RS256", rsa("sha256", constants.RSA_PKCS1_PSS_PADDING)),
      "signature",
    ],
    [
      "RS256 over an RS512 signature",
      signedAs("RS256", rsa("sha512", constants.RSA_PKCS1_PADDING)),
      "signature",
    ],
    ...["rs256", "RS256 ", "RS256\0", "", null, 256, true, ["RS256"], { RS256: 1 }].map(
      (alg): Row => [JSON.stringify(alg), withHeader({ alg }), "algorithm"],
    ),
    ["missing", withHeader({ alg: undefined }), "algorithm"],
    [
      "twice, the wrong one last",
      withHeaderText((h) => h.replace(/\}$/, ',"alg":"none"}')),
      "header_malformed",
    ],
    [
      "twice, the wrong one first",
      withHeaderText((h) => h.replace("{", '{"alg":"none",')),
      "header_malformed",
    ],
    [
      "twice, once escaped",
      withHeaderText((h) => h.replace("{", String.raw`{"\u0061lg":"none",`)),
      "header_malformed",
    ],
  ];
}

function keyAttacks(): Row[] {
  const strangerSigned =
    (members: (given: Target) => object): Attack =>
    async (given) => {
      const header = { alg: "RS256", typ: "at+jwt", kid: given.stranger.signing.kid, ...members(given) };
      return forge(given.stranger, header, HONEST_SESSION);
    };
  const strangerJwk = (given: Target) => publicJwk({ ...given, keys: given.stranger });
  return [
    ["another RSA key under our kid", strangerSigned(({ keys }) => ({ kid: keys.signing.kid })), "signature"],
    ["another RSA key under its own kid", strangerSigned(() => ({})), "key_unknown"],
    [
      "the previous key under the current kid",
      async ({ keys, previous }) => forge(previous, honestHeader(keys), HONEST_SESSION),
      "signature",
    ],
    ...[
      "unknown",
      "",
      "../../../../dev/null",
      "/proc/self/environ",
      "' UNION SELECT 'key' --",
      "__proto__",
      "constructor",
      "toString",
      0,
      null,
      { kid: 1 },
      [],
    ].map((kid): Row => [`kid ${JSON.stringify(kid)}`, withHeader({ kid }), "key_unknown"]),
    ["our kid in a list", (given) => withHeader({ kid: [given.keys.signing.kid] })(given), "key_unknown"],
    [
      "our kid with a blank",
      (given) => withHeader({ kid: `${given.keys.signing.kid} ` })(given),
      "key_unknown",
    ],
    ["no kid", withHeader({ kid: undefined }), "key_unknown"],
    ["a kid of 10 kB", withHeader({ kid: "k".repeat(10_240) }), "too_large"],
    ["a kid of 5 kB", withHeader({ kid: "k".repeat(5_120) }), "key_unknown"],
    ["its own key as jwk", strangerSigned((given) => ({ jwk: strangerJwk(given) })), "header_parameter"],
    [
      "its own key as jwk under our kid",
      strangerSigned((given) => ({ kid: given.keys.signing.kid, jwk: strangerJwk(given) })),
      "header_parameter",
    ],
    ["jku", strangerSigned(({ baitUrl }) => ({ jku: `${baitUrl}/jwks.json` })), "header_parameter"],
    [
      "jku under our kid and signature",
      (given) => withHeader({ jku: given.baitUrl })(given),
      "header_parameter",
    ],
    ["x5u", strangerSigned(({ baitUrl }) => ({ x5u: `${baitUrl}/cert.pem` })), "header_parameter"],
    [
      "x5u under our kid and signature",
      (given) => withHeader({ x5u: given.baitUrl })(given),
      "header_parameter",
    ],
    ["x5c", strangerSigned(() => ({ x5c: ["MIIB"] })), "header_parameter"],
    ["x5t", withHeader({ x5t: "AA" }), "header_parameter"],
    ["x5t#S256", withHeader({ "x5t#S256": "AA" }), "header_parameter"],
  ];
}

function formAttacks(): Row[] {
  const BOM = Buffer.from([0xef, 0xbb, 0xbf]);
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  /** Another text for the same bytes: the last character with one of its unused bits set. */
  const flipUnusedBit = (text: string): string => {
    if (text.length % 4 === 0) throw new Error("no unused bits to flip");
    const flipped = text.slice(0, -1) + alphabet[alphabet.indexOf(text.at(-1) ?? "") ^ 1];
    if (!Buffer.from(flipped, "base64url").equals(Buffer.from(text, "base64url")))
      throw new Error("other bytes");
    return flipped;
  };
  /** JSON whose length leaves unused bits in its base64url. */
  const ragged = (object: object): string => {
    const text = JSON.stringify(object);
    return text.length % 3 === 0 ? `${text} ` : text;
  };
  const toStandard = (text: string): string => text.replaceAll("-", "+").replaceAll("_", "/");
  const nested = (depth: number): string => `${'{"a":'.repeat(depth)}1${"}".repeat(depth)}`;

  return [
    ["empty", () => "", "not_compact"],
    ["a word", () => "token", "not_compact"],
    ["two parts", rewritten((token) => token.split(".").slice(0, 2).join(".")), "not_compact"],
    ["four parts", rewritten((token) => `${token}.AA`), "not_compact"],
    ["five parts", rewritten((token) => `${token}.AA.AA`), "not_compact"],
    ["dots alone", () => "..", "header_malformed"],
    ["a dot too many at the end", rewritten((token) => `${token}.`), "not_compact"],
    ["a stripped signature", part(2, () => ""), "signature"],
    [
      "a truncated signature",
      part(2, (text) => base64url(Buffer.from(text, "base64url").subarray(0, -1))),
      "signature",
    ],
    ["a signature cut to a broken quantum", part(2, (text) => text.slice(0, -1)), "encoding"],
    ["a lengthened signature", part(2, (text) => `AAAA${text}`), "signature"],
    ["a signature of zeros", part(2, (text) => base64url(Buffer.alloc(text.length))), "signature"],
    [
      "another token's signature",
      async (given) => {
        const other = await withClaims({ role: "admin" })(given);
        return rewritten((token) => `${other.split(".", 2).join(".")}.${token.split(".")[2]}`)(given);
      },
      "signature",
    ],
    ["standard base64", part(2, toStandard), "encoding"],
    ["a blank before", rewritten((token) => ` ${token}`), "encoding"],
    ["a blank after", rewritten((token) => `${token} `), "encoding"],
    ["a line break after", rewritten((token) => `${token}\n`), "encoding"],
    ["a tab inside", part(1, (text) => `${text.slice(0, 8)}\t${text.slice(8)}`), "encoding"],
    ["NUL after", rewritten((token) => `${token}\0`), "encoding"],
    ["padding after the signature", part(2, (text) => `${text}==`), "encoding"],
    ["padding after the header", part(0, (text) => `${text}=`), "encoding"],
    ["percent encoding", rewritten((token) => token.replace(".", "%2E")), "not_compact"],
    ["letters outside ASCII", part(1, (text) => text.replace(/e/, "е")), "encoding"],
    [
      "flipped unused bits of the header",
      async ({ keys }) => {
        const token = await forge(keys, ragged(honestHeader(keys)), HONEST_SESSION);
        const [header = "", ...rest] = token.split(".");
        return [flipUnusedBit(header), ...rest].join(".");
      },
      "encoding",
    ],
    [
      "flipped unused bits of the payload",
      async ({ keys }) => {
        const token = await forge(keys, honestHeader(keys), ragged(HONEST_SESSION));
        const [header, payload = "", signature] = token.split(".");
        return [header, flipUnusedBit(payload), signature].join(".");
      },
      "encoding",
    ],
    ["flipped unused bits of the signature", part(2, flipUnusedBit), "encoding"],
    [
      "flattened JSON serialisation",
      rewritten((token) => {
        const [header, payload, signature] = token.split(".");
        return JSON.stringify({ protected: header, payload, signature });
      }),
      "not_compact",
    ],
    [
      "general JSON serialisation",
      rewritten((token) => {
        const [header, payload, signature] = token.split(".");
        return JSON.stringify({ payload, signatures: [{ protected: header, signature }] });
      }),
      "not_compact",
    ],
    [
      "a JWE to our public key",
      async (given) =>
        new jose.CompactEncrypt(new TextEncoder().encode(JSON.stringify(HONEST_SESSION)))
          .setProtectedHeader({ alg: "RSA-OAEP-256", enc: "A256GCM" })
          .encrypt(await jose.importSPKI(publicPem(given), "RSA-OAEP-256")),
      "not_compact",
    ],
    ["zip", withHeader({ zip: "DEF" }), "header_parameter"],
    ["cty", withHeader({ cty: "JWT" }), "header_parameter"],
    ["crit that names what we know", withHeader({ crit: ["alg"] }), "header_parameter"],
    ["crit that names what we do not know", withHeader({ crit: ["exp"], exp: 1 }), "header_parameter"],
    ["crit that is empty", withHeader({ crit: [] }), "header_parameter"],
    ["b64 true", withHeader({ b64: true }), "header_parameter"],
    ["b64 false with its crit", withHeader({ b64: false, crit: ["b64"] }), "header_parameter"],
    ["a header parameter of somebody's own", withHeader({ "https://example.com/x": 1 }), "header_parameter"],
    ["a header __proto__", withHeaderText((h) => h.replace("{", '{"__proto__":{},')), "header_malformed"],
    ["a byte order mark before the header", withHeaderText((h) => `\ufeff${h}`), "header_malformed"],
    ["bytes after the header", withHeaderText((h) => `${h}\0`), "header_malformed"],
    ["a header that is a list", withHeaderText((h) => `[${h}]`), "header_malformed"],
    ["a header that is null", withHeaderText(() => "null"), "header_malformed"],
    ["a header that is empty", withHeaderText(() => ""), "header_malformed"],
    ["a deep header", withHeaderText((h) => h.replace("{", `{"x":${nested(100)},`)), "header_malformed"],
    [
      "a header of invalid UTF-8",
      withHeaderText((h) =>
        Buffer.concat([Buffer.from(h.replace("}", ',"x":"')), Buffer.from([0xff, 0x22, 0x7d])]),
      ),
      "header_malformed",
    ],
    [
      "a byte order mark before the payload",
      withPayload(Buffer.concat([BOM, Buffer.from(ragged(HONEST_SESSION))])),
      "payload_malformed",
    ],
    ["bytes after the payload", withPayload(`${JSON.stringify(HONEST_SESSION)}{}`), "payload_malformed"],
    [
      "a payload of invalid UTF-8",
      withPayload(Buffer.concat([Buffer.from(JSON.stringify(HONEST_SESSION)), Buffer.from([0x80])])),
      "payload_malformed",
    ],
    [
      "a payload in UTF-16",
      withPayload(Buffer.from(JSON.stringify(HONEST_SESSION), "utf16le")),
      "payload_malformed",
    ],
    ["a payload that is a list", withPayload([HONEST_SESSION]), "payload_malformed"],
    [
      "a payload that is a string",
      withPayload(JSON.stringify(JSON.stringify(HONEST_SESSION))),
      "payload_malformed",
    ],
    ["a payload that is null", withPayload("null"), "payload_malformed"],
    ["a payload that is empty", withPayload(""), "payload_malformed"],
    ["a payload that is {}", withPayload({}), "issuer"],
    ["a token of 1 MB", rewritten((token) => token.replace(".", `.${"A".repeat(1_000_000)}`)), "too_large"],
    ["1 MB of dots", () => ".".repeat(1_000_000), "too_large"],
    ["JSON 50,000 deep", withClaimText(`"x":${nested(50_000)}`), "too_large"],
    ["JSON 800 deep, within the size", withClaimText(`"x":${nested(800)}`), "payload_malformed"],
    [
      "lists 2,000 deep, within the size",
      withClaimText(`"x":${"[".repeat(2_000)}${"]".repeat(2_000)}`),
      "payload_malformed",
    ],
  ];
}

function claimsAttacks(): Row[] {
  const times = (claim: "iat" | "exp", reason: Refusal): Row[] => [
    [`${claim} missing`, withoutClaim(claim), reason],
    ...[String(NOW_S + 60), null, true, [NOW_S], NOW_S + 0.5, 2 ** 53].map(
      (value): Row => [`${claim} ${JSON.stringify(value)}`, withClaims({ [claim]: value }), reason],
    ),
    ...["1e400", "-1e400"].map(
      (number): Row => [
        `${claim} ${number}`,
        withPayload(
          JSON.stringify({ ...HONEST_SESSION, [claim]: 0 }).replace(`"${claim}":0`, `"${claim}":${number}`),
        ),
        reason,
      ],
    ),
  ];
  const ids = (claim: "sub" | "jti" | "sid", reason: Refusal): Row[] => [
    [`${claim} missing`, withoutClaim(claim), reason],
    ...[
      1,
      null,
      {},
      [HONEST_SESSION[claim]],
      "",
      "admin",
      "' OR 1=1 --",
      `${HONEST_SESSION[claim]}\n`,
      HONEST_SESSION[claim].toUpperCase().replace("0", "A"),
      "\ud800",
      "\0",
    ].map((value): Row => [`${claim} ${JSON.stringify(value)}`, withClaims({ [claim]: value }), reason]),
  ];

  return [
    ["exp past", withClaims({ iat: NOW_S - 1_860, exp: NOW_S - 60 }), "expired"],
    ["exp one second past", withClaims({ iat: NOW_S - 1_800, exp: NOW_S - 1 }), "expired"],
    ["exp now", withClaims({ iat: NOW_S - 1_800, exp: NOW_S }), "expired"],
    ["exp in 1970", withClaims({ iat: -10, exp: -1 }), "expired"],
    ["exp far ahead", withClaims({ exp: NOW_S + 10 * 365 * 86_400 }), "lifetime"],
    ["exp one second further than allowed", withClaims({ iat: NOW_S, exp: NOW_S + 1_801 }), "lifetime"],
    ["exp before iat", withClaims({ iat: NOW_S, exp: NOW_S - 1 }), "lifetime"],
    ["exp in milliseconds", withClaims({ exp: NOW.getTime() + 60_000 }), "lifetime"],
    ...times("exp", "expiry"),
    ["iat ahead", withClaims({ iat: NOW_S + 6, exp: NOW_S + 60 }), "issued_at"],
    ["iat far ahead", withClaims({ iat: NOW_S + 86_400, exp: NOW_S + 86_460 }), "issued_at"],
    ...times("iat", "issued_at"),
    ["nbf ahead", withClaims({ nbf: NOW_S + 6 }), "not_before"],
    ["nbf text", withClaims({ nbf: "0" }), "not_before"],
    ["nbf null", withClaims({ nbf: null }), "not_before"],
    ["nbf 1e400", withClaimText('"nbf":1e400'), "not_before"],
    ["iss with a slash", withClaims({ iss: `${SETTINGS.issuer}/` }), "issuer"],
    ["iss in upper case", withClaims({ iss: SETTINGS.issuer.toUpperCase() }), "issuer"],
    ["iss of another", withClaims({ iss: "https://evil.example" }), "issuer"],
    ["iss a list", withClaims({ iss: [SETTINGS.issuer] }), "issuer"],
    ["iss missing", withoutClaim("iss"), "issuer"],
    ["aud of another service", withClaims({ aud: "https://billing.example" }), "audience"],
    [
      "aud a list with another service",
      withClaims({ aud: [SETTINGS.audience, "https://billing.example"] }),
      "audience",
    ],
    ["aud a list of ours alone", withClaims({ aud: [SETTINGS.audience] }), "audience"],
    ["aud with a slash", withClaims({ aud: `${SETTINGS.audience}/` }), "audience"],
    ["aud missing", withoutClaim("aud"), "audience"],
    ...["JWT", "AT+JWT", "application/at+jwt", "at+jwt ", "", null, ["at+jwt"], "id_token", "dpop+jwt"].map(
      (typ): Row => [`typ ${JSON.stringify(typ)}`, withHeader({ typ }), "type"],
    ),
    ["typ missing", withHeader({ typ: undefined }), "type"],
    ...ids("sub", "subject"),
    ...ids("jti", "token_id"),
    ...ids("sid", "session"),
    ["exp twice, the first honest", withClaimText('"exp":9999999999'), "payload_malformed"],
    ["exp twice, both the same", withClaimText(`"exp":${HONEST_SESSION.exp}`), "payload_malformed"],
    ["role twice", withClaimText('"role":"admin"'), "payload_malformed"],
    ["role twice, once escaped", withClaimText(String.raw`"rol\u0065":"admin"`), "payload_malformed"],
    ["sub twice", withClaimText(`"sub":"${KEY_ID}"`), "payload_malformed"],
    ["__proto__", withClaimText('"__proto__":{"role":"admin"}'), "payload_malformed"],
    ["__proto__ further in", withClaimText('"x":{"__proto__":{"role":"admin"}}'), "payload_malformed"],
    ["role missing", withoutClaim("role"), "role"],
    // The second and third look like "admin" and are not.
    ...[
      "root",
      "аdmin",
      "admin\u200b",
      "Admin",
      "admin ",
      "",
      null,
      ["admin"],
      { admin: true },
      "__proto__",
    ].map((role): Row => [`role ${JSON.stringify(role)}`, withClaims({ role }), "role"]),
    ["a session with a key's scope", withClaims({ scope: "events:write" }), "client"],
    ["a session with a key's sources", withClaims({ sources: ["shop-eu"] }), "client"],
    ["a session with a key's name", withClaims({ client_name: "shop-eu" }), "client"],
    ["a session that is a key as well", withClaims({ client_id: HONEST_SESSION.sub }), "session"],
    ["a key with a role", withKeyClaims({ role: "admin" }), "role"],
    ["a key with a session", withKeyClaims({ sid: HONEST_SESSION.sid }), "session"],
    ["a key under another key's id", withKeyClaims({ client_id: HONEST_SESSION.sub }), "client"],
    ["a key's id null", withKeyClaims({ client_id: null }), "client"],
    ...[undefined, "", 1, "x".repeat(256), "a\0b", "\ud800"].map(
      (client_name): Row => [
        `a key named ${JSON.stringify(client_name)?.slice(0, 9)}`,
        withKeyClaims({ client_name }),
        "client",
      ],
    ),
    ...[
      null,
      "*",
      [],
      [""],
      [1],
      ["a\0b"],
      ["x".repeat(256)],
      ["a", "a"],
      ["*", "payments"],
      ["payments", "*"],
      Array.from({ length: 17 }, (_, n) => `source ${n}`),
    ].map(
      (sources): Row => [
        `sources ${JSON.stringify(sources).slice(0, 20)}`,
        withKeyClaims({ sources }),
        "client",
      ],
    ),
    ...[
      undefined,
      "",
      " ",
      "events:write ",
      "events:write  metrics:read",
      "admin",
      "еvents:write",
      ["events:write"],
      "EVENTS:WRITE",
      "*",
    ].map((scope): Row => [`scope ${JSON.stringify(scope)}`, withKeyClaims({ scope }), "scope"]),
  ];
}

/** Everything that must be refused, by what it attacks, each with the reason that is counted. */
export const TOKEN_ATTACKS: Readonly<
  Record<"algorithm" | "key" | "form" | "claims", readonly TokenAttack[]>
> = {
  algorithm: algorithmAttacks(),
  key: keyAttacks(),
  form: formAttacks(),
  claims: claimsAttacks(),
};
