/** How new passwords are hashed. Stored hashes of the other algorithm still verify. */
export type PasswordScheme =
  | { readonly algorithm: "argon2id" }
  | { readonly algorithm: "bcrypt"; readonly rounds: number };

/** A hash as stored: an argon2id PHC string, or bcrypt's own form. Ask `passwordProblem` first. */
export declare function hashPassword(password: string, scheme: PasswordScheme): Promise<string>;

/** Whether `password` made `hash`. False for a hash of unknown form, too. Constant-time comparison. */
export declare function verifyPassword(password: string, hash: string): Promise<boolean>;

/** Whether `hash` was made by another algorithm, or at another cost, than `scheme` would make it now. */
export declare function needsRehash(hash: string, scheme: PasswordScheme): boolean;

/** Whether `hash` is one that `verifyPassword` can verify: for importing users. */
export declare function isPasswordHash(hash: string): boolean;

/** A hash that no password has, to verify against where the user is unknown: the same cost as a wrong password. */
export declare function dummyHash(scheme: PasswordScheme): string;
