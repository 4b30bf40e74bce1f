/** Whom the audit names for changes by commands, and how commands hash passwords. */
import { randomBytes } from "node:crypto";
import type { PasswordScheme } from "../../src/auth/passwords.ts";
import type { Actor } from "../../src/storage/audit.ts";

export const SCHEME: PasswordScheme = { algorithm: "argon2id" };
export const OPERATOR: Actor = { type: "operator", id: null, requestId: null };

/** 144 random bits, in letters that survive being copied from a terminal. */
export const randomPassword = (): string => randomBytes(18).toString("base64url");
