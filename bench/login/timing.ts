/**
 * Whether the time of a refused login reveals that the user exists. Requests of both kinds go to one API in workerd in
 * random order, one at a time, which are the best conditions for an attacker. Every attempt is the first for its name
 * and its address, so that the throttle treats all of them alike and delays none.
 */
import { randomFor, shuffled } from "../../dev/random.ts";
import { type Benchmark, type Figure, note } from "../figures.ts";
import { type Api, addUsers, logIn, PASSWORD, startApis } from "./api.ts";
import { distinguisher, kolmogorovSmirnov, quantile } from "./statistics.ts";

const ATTEMPTS = 400; // of each kind, unless --n says otherwise
const WARM_UP = 20;
const SEED = 1;
const QUANTILES = [0.1, 0.5, 0.9, 0.99];

/** Each is compared with a known user's wrong password. */
const CASES = ["unknown-user", "disabled-user"] as const;
type Case = (typeof CASES)[number];

/** A name and a password that a login is refused with. */
type Attempt = readonly [username: string, password: string];

const WRONG = PASSWORD.toUpperCase();

export const loginTiming: Benchmark = {
  summary:
    "time of a login with a wrong password, against an unknown or a disabled user; --n attempts of each",
  cases: CASES,
  engines: ["campaign-manager"],
  runtimes: ["workerd"],
  async run({ cases = CASES, sizes = [ATTEMPTS] }, emit) {
    const api = await startApis(1);
    try {
      let sound = true;
      for (const name of CASES.filter((known) => cases.includes(known))) {
        for (const n of sizes) sound = (await compare(api, name, n, emit)) && sound;
      }
      return sound;
    } finally {
      await api.stop();
    }
  },
};

async function compare(api: Api, name: Case, n: number, emit: (figure: Figure) => void): Promise<boolean> {
  const run = `${name[0]}${runs++}`;
  const known = await addUsers(api.database, `${run}-known`, n + WARM_UP);
  const others =
    name === "disabled-user"
      ? await addUsers(api.database, `${run}-other`, n + WARM_UP, { disabled: true })
      : known.map((_, i) => `${run}-other-${i + 1}`);
  // The disabled user's password is the right one, which must not show either.
  const password = name === "disabled-user" ? PASSWORD : WRONG;
  const attempts = shuffled(randomFor(SEED, run), [
    ...known
      .slice(WARM_UP)
      .map((user) => ({ of: "wrong_password" as const, attempt: [user, WRONG] as const })),
    ...others.slice(WARM_UP).map((user) => ({ of: "other" as const, attempt: [user, password] as const })),
  ]);
  for (const user of [...known.slice(0, WARM_UP), ...others.slice(0, WARM_UP)])
    await timeOf(api, [user, WRONG]);

  const times = { wrong_password: [] as number[], other: [] as number[] };
  for (const [i, { of, attempt }] of attempts.entries()) {
    times[of].push(await timeOf(api, attempt));
    if (i % 200 === 199) note(`${name}: ${i + 1} of ${attempts.length}`);
  }
  const other = name.replace("-", "_");
  const figure = (metric: string, value: number, unit: string) =>
    emit({
      bench: "login-timing",
      case: name,
      n,
      engine: "campaign-manager",
      runtime: "workerd",
      metric,
      value,
      unit,
    });
  for (const q of QUANTILES) {
    figure(`wrong_password_p${q * 100}`, quantile(times.wrong_password, q), "ms");
    figure(`${other}_p${q * 100}`, quantile(times.other, q), "ms");
  }
  const ks = kolmogorovSmirnov(times.wrong_password, times.other);
  const { area, low, high } = distinguisher(times.wrong_password, times.other);
  figure("ks_distance", ks.distance, "");
  figure("ks_critical_at_1_percent", ks.critical, "");
  figure("distinguisher_auc", area, "");
  figure("distinguisher_auc_low_99_percent", low, "");
  figure("distinguisher_auc_high_99_percent", high, "");
  const overlap = ks.distance < ks.critical;
  if (!overlap) note(`${name}: the times differ, at the 1 % level`);
  return overlap;
}
let runs = 0;

async function timeOf(api: Api, [username, password]: Attempt): Promise<number> {
  const began = performance.now();
  const response = await logIn(api.urls[0] ?? "", username, password);
  await response.arrayBuffer();
  const time = performance.now() - began;
  if (response.status !== 401) throw new Error(`a refused login answered ${response.status}`);
  return time;
}
