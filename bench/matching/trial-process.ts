/** A process that runs one trial: started by benchmark.ts, which sends the trial and awaits the outcome. */
import { runTrial, type Trial } from "./trial.ts";

process.once("message", async (trial: Trial) => {
  const outcome = await runTrial(trial);
  process.send?.(outcome);
  process.disconnect();
});
