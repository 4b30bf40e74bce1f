import { style } from "../../ops/command.ts";
import type { LocalStack } from "./stack.ts";

/** Where the running stack is, how to sign in, and a first command to paste. */
export function signInHint({ url, admin }: Pick<LocalStack, "url" | "admin">): string {
  const { username, password } = admin;
  return `  API    ${style("cyan", url)}
  Docs   ${style("cyan", `${url}/docs`)}
  Login  ${style("bold", username)}  ${style("bold", password)}

  ${style("dim", "A token, and the campaigns it may read:")}
  TOKEN=$(curl -s ${url}/v1/auth/token -d grant_type=password -d username=${shellQuoted(username)} \\
    --data-urlencode ${shellQuoted(`password=${password}`)} | sed 's/.*"access_token":"\\([^"]*\\)".*/\\1/')
  curl -s ${url}/v1/campaigns -H "Authorization: Bearer $TOKEN"
`;
}

const shellQuoted = (text: string) => (/^[\w.=-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`);
