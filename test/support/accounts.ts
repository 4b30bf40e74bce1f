import { v7 as uuidv7 } from "uuid";
import type { Scope } from "../../src/auth/api-keys.ts";
import { hashPassword } from "../../src/auth/passwords.ts";
import type { Role } from "../../src/auth/roles.ts";
import { createUser } from "../../src/storage/users.ts";
import { type Answer, PASSWORD, type System } from "./system.ts";

export interface Person {
  readonly id: string;
  readonly username: string;
  readonly token: string;
}

let hash: Promise<string> | undefined;
let people = 0;

/** A new user whose password is `PASSWORD`, not logged in. */
export async function newUser(
  system: System,
  role: Role,
  username = `${role}-${++people}-of-test`,
): Promise<Omit<Person, "token">> {
  hash ??= hashPassword(PASSWORD, { algorithm: "argon2id" });
  const id = uuidv7();
  await createUser(
    system.db,
    { id, username, passwordHash: await hash, role },
    { type: "operator", id: null, requestId: null },
  );
  return { id, username };
}

/** A new user with a session of their own. */
export async function newPerson(system: System, role: Role): Promise<Person> {
  const user = await newUser(system, role);
  return { ...user, token: await tokenOf(logIn(system, user.username)) };
}

export function logIn(system: System, username: string, password = PASSWORD): Promise<Answer> {
  return askToken(system, { grant_type: "password", username, password });
}

/** POSTs a form to the token endpoint; pairs where a name repeats. */
export function askToken(
  system: System,
  fields: Record<string, string> | readonly (readonly [string, string])[],
): Promise<Answer> {
  const pairs = Array.isArray(fields) ? fields : Object.entries(fields);
  return system.call("POST", "/v1/auth/token", {
    body: new URLSearchParams(pairs.map(([name, value]) => [name, value])).toString(),
    headers: { "Content-Type": "application/x-www-form-urlencoded" },
  });
}

export async function tokenOf(asked: Promise<Answer>): Promise<string> {
  const answer = await asked;
  if (answer.status !== 200) throw new Error(`${answer.status}: ${answer.text}`);
  return answer.json.access_token;
}

export interface Key {
  readonly id: string;
  readonly secret: string;
}

let keys = 0;

export interface KeyOptions {
  readonly name?: string;
  readonly scopes?: readonly Scope[];
  readonly sources?: readonly string[] | undefined;
}

export async function newKey(
  system: System,
  { name = `shop-${++keys}-of-test`, scopes = ["events:write"], sources }: KeyOptions = {},
): Promise<Key> {
  const created = await system.call("POST", "/v1/api-keys", {
    token: await system.login("admin"),
    json: { name, scopes, sources },
  });
  if (created.status !== 201) throw new Error(`${created.status}: ${created.text}`);
  return { id: created.json.id, secret: created.json.client_secret };
}

/** The token that a key is exchanged for. */
export function exchange(system: System, { id, secret }: Key): Promise<Answer> {
  return askToken(system, { grant_type: "client_credentials", client_id: id, client_secret: secret });
}
