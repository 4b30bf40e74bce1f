import { styleText } from "node:util";
import { ROLES } from "../../ops/database/worker-users.ts";
import type { LocalStack } from "./stack.ts";

/** Where the running stack is, how to sign in, a first command to paste, and where it is not as in production. */
export function signInHint({
  url,
  admin,
  database,
  ownRoles,
}: Pick<LocalStack, "url" | "admin" | "database" | "ownRoles">): string {
  const { username, password } = admin;
  return `  API    ${styleText("cyan", url)}
  Docs   ${styleText("cyan", `${url}/docs`)}
  Login  ${styleText("bold", username)}  ${styleText("bold", password)}

  ${styleText("dim", "A token, and the campaigns it may read:")}
  TOKEN=$(curl -s ${url}/v1/auth/token -d grant_type=password -d username=${shellQuoted(username)} \\
    --data-urlencode ${shellQuoted(`password=${password}`)} | sed 's/.*"access_token":"\\([^"]*\\)".*/\\1/')
  curl -s ${url}/v1/campaigns -H "Authorization: Bearer $TOKEN"
${ownRoles ? "" : rightsNote(database)}`;
}

function rightsNote(database: LocalStack["database"]): string {
  const remedy =
    database === "neon"
      ? "A missing grant does not show."
      : `To let that user take them: GRANT ${Object.values(ROLES).join(", ")} TO that user.`;
  return `\n  ${styleText("yellow", "Both Workers have the rights of DATABASE_URL's user, not those of their roles.")}\n  ${remedy}\n`;
}

const shellQuoted = (text: string) => (/^[\w.=-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`);
