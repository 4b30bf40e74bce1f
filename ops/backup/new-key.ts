/** `npm run backup:key > key.txt`: a new pair of age keys, in the form of `age-keygen`. */
import { generateX25519Identity, identityToRecipient } from "age-encryption";
import { runCommand } from "../command.ts";

await runCommand(async () => {
  const identity = await generateX25519Identity();
  const recipient = await identityToRecipient(identity);
  console.error(`Public key, for npm run backup: ${recipient}`);
  console.error("Keep the identity away from the database and its backups: without it no backup opens.");
  console.log(`# public key: ${recipient}\n${identity}`);
  return 0;
});
