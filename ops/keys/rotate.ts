/** `npm run keys:rotate`: makes a signing key, and says how the API comes to use it without refusing anybody. */
import { parseArgs, styleText } from "node:util";
import type { JWK } from "jose";
import { generateSigningKey, type PublicJwk } from "../../src/auth/keys.ts";
import { TOKEN_LIFE_S } from "../../src/limits.ts";
import { readJwks } from "../audit/read.ts";
import { CannotRun, runCommand } from "../command.ts";
import { planRotation, problemsOf } from "./rotation.ts";

const OVERLAP_HOURS_DEFAULT = 24;

const USAGE = `Usage: npm run keys:rotate -- --jwks URL_OR_FILE [--overlap-hours ${OVERLAP_HOURS_DEFAULT}] [--compromised]

--jwks names the API's own public keys, https://…/.well-known/jwks.json.
--overlap-hours says how long from now tokens of the old key still verify: until the steps are done, and ${TOKEN_LIFE_S / 60} minutes more.
--compromised lets the old key verify nothing from the moment of the change: everybody has to log in again.`;

await runCommand(async () => {
  const { jwks, overlapHours, compromised } = readArguments();
  const published = (await readJwks(jwks)).map(publicJwk);
  const until = compromised ? undefined : new Date(Date.now() + overlapHours * 3_600_000);
  const rotation = planRotation(published, await generateSigningKey(), until);
  const problems = await problemsOf(rotation);
  if (problems.length > 0)
    throw new CannotRun(`The API would not start with these keys: ${problems.join("; ")}.`);

  let step = 0;
  const say = (what: string) => console.log(`${styleText("bold", `${++step}.`)} ${what}\n`);
  console.log();
  say("Keep a copy of today's public keys: the audit's checkpoints so far are verified with them.");
  console.log(`${JSON.stringify({ keys: published })}\n`);
  if (rotation.announce !== undefined) {
    say("Announce the new key. Then wait a minute, so that every Worker knows it before one signs with it.");
    console.log(putSecrets(rotation.announce));
  }
  say("Sign with it. This holds the private key: show it to nobody, and keep it nowhere else.");
  console.log(putSecrets(rotation.change));
  if (until === undefined) {
    say("Tokens of the old key are refused from now on. Rotate the API keys that may have leaked with it.");
  } else {
    say(`Tokens of the old key are refused from ${until.toISOString()} on. JWT_PREVIOUS_KEYS may go then.`);
  }
  return 0;
});

/** The command that sets these secrets in one request, and so in one version of the Worker. */
function putSecrets(secrets: object): string {
  return `wrangler secret bulk -c wrangler.toml <<'EOF'\n${JSON.stringify(secrets)}\nEOF\n`;
}

/** @throws CannotRun for a key that is not RSA or lacks a member */
function publicJwk({ kty, n, e, kid, exp }: JWK & { readonly exp?: unknown }): PublicJwk {
  if (kty !== "RSA" || n === undefined || e === undefined || kid === undefined) {
    throw new CannotRun("The JWKS holds a key that is not the API's.");
  }
  const jwk: PublicJwk = { kty: "RSA", n, e, kid, alg: "RS256", use: "sig" };
  return typeof exp === "number" ? { ...jwk, exp } : jwk;
}

/** @throws CannotRun for arguments that cannot be used */
function readArguments() {
  try {
    const { values } = parseArgs({
      options: {
        jwks: { type: "string" },
        "overlap-hours": { type: "string", default: String(OVERLAP_HOURS_DEFAULT) },
        compromised: { type: "boolean", default: false },
      },
    });
    const overlapHours = Number(values["overlap-hours"]);
    if (values.jwks === undefined) throw new Error("--jwks is missing.");
    if (!(overlapHours >= 1 && overlapHours <= 24 * 30)) throw new Error("--overlap-hours is from 1 to 720.");
    return { jwks: values.jwks, overlapHours, compromised: values.compromised };
  } catch (error) {
    throw new CannotRun(`${(error as Error).message}\n\n${USAGE}`);
  }
}
