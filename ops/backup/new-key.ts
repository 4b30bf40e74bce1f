/** `npm run backup:key -- BACKUP.key RESTORE.key`: new keys, in two files for two places. */
import { writeFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { generateX25519Identity, identityToRecipient } from "age-encryption";
import { CannotRun, runCommand } from "../command.ts";
import { generateSigningPair } from "./signature.ts";

await runCommand(async () => {
  const { positionals } = parseArgs({ allowPositionals: true });
  const [backupFile, restoreFile, ...others] = positionals;
  if (backupFile === undefined || restoreFile === undefined || others.length > 0) {
    throw new CannotRun(
      "Usage: npm run backup:key -- BACKUP.key RESTORE.key, two files that are not there yet",
    );
  }
  const identity = await generateX25519Identity();
  const recipient = await identityToRecipient(identity);
  const { kid, signing, verification } = await generateSigningPair();

  await writeNew(backupFile, [
    `# For npm run backup: seals for ${recipient} and signs as ${kid}. Opens nothing.`,
    recipient,
    signing,
  ]);
  await writeNew(restoreFile, [
    `# For npm run restore: opens what is sealed for ${recipient}, and believes what ${kid} signed. Signs nothing.`,
    identity,
    verification,
  ]);
  console.log(`${backupFile} is for npm run backup. Keep it on the machine that makes backups, and nowhere else: whoever has
it can make a backup that is believed. It opens none.

${restoreFile} is for npm run restore. Keep it, and a copy of it, away from the database, its backups and that machine:
without it no backup opens, and whoever has it reads all of them.

Keys are replaced by making new ones. Add the lines of the old ${restoreFile} to the new one for as long as its backups
are kept.`);
  return 0;
});

/** Of this user alone. */
async function writeNew(file: string, lines: readonly string[]): Promise<void> {
  try {
    await writeFile(file, `${lines.join("\n")}\n`, { mode: 0o600, flag: "wx" });
  } catch (error) {
    throw new CannotRun(`${file} cannot be written: ${(error as NodeJS.ErrnoException).code}.`);
  }
}
