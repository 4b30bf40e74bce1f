import { styleText } from "node:util";
import type { LocalStack } from "./stack.ts";

/** Where the running stack is, how to sign in, and a first command to paste. */
export function signInHint({ url, admin }: Pick<LocalStack, "url" | "admin">): string {
  const { username, password } = admin;
  return `  API    ${styleText("cyan", url)}
  Docs   ${styleText("cyan", `${url}/docs`)}
  Login  ${styleText("bold", username)}  ${styleText("bold", password)}

  ${styleText("dim", "A token, and the campaigns it may read:")}
  TOKEN=$(curl -s ${url}/v1/auth/token -d grant_type=password -d username=${shellQuoted(username)} \\
    --data-urlencode ${shellQuoted(`password=${password}`)} | sed 's/.*"access_token":"\\([^"]*\\)".*/\\1/')
  curl -s ${url}/v1/campaigns -H "Authorization: Bearer $TOKEN"
`;
}

const shellQuoted = (text: string) => (/^[\w.=-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`);
