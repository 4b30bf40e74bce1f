import fc from "fast-check";
import { EVENT_NUMBER_MAX } from "../../src/limits.ts";
import type { EventDocument } from "../../src/rules/evaluation/event.ts";
import type { Campaign } from "../../src/rules/evaluation/matcher.ts";
import type { Condition, Rule, Scalar } from "../../src/rules/language/rule.ts";

/*
 * Random rules over the whole grammar and random events, drawn from the same small vocabulary so that
 * conditions are often true, often false and often about something that is not there.
 */

const KEYS = ["a", "b", "a.b", "0", "__proto__", "constructor", "items", "tags"] as const;
const PATH_SEGMENTS = ["a", "b", "a\\.b", "0", "__proto__", "constructor", "items", "tags"] as const;
const WORDS = [
  "",
  "a",
  "A",
  "b",
  "ab",
  "AB",
  "1",
  "true",
  "gold",
  "GOLD",
  "Straße",
  "İ",
  "ΑΣ",
  "ας",
  "ΑΣΑ",
  "\u212aſ",
  "ks",
  "i",
  "😀",
  "null",
] as const;
const NUMBERS = [0, -0, 1, -1, 2, 0.5, 3, 5e-324, 1e308, 2 ** 53] as const;
const TIMES = [
  "2026-11-21T10:00:00Z",
  "2026-11-21T11:00:00+01:00",
  "2026-11-21T09:59:59.999Z",
  "2026-11-21T10:00:00.0001Z",
  "2026-11-20t10:00:00z",
  "2026-11-22T10:00:00-05:30",
  "2016-12-31T23:59:60Z",
  "0001-01-01T00:00:00Z",
] as const;
const NOT_TIMES = ["2026-02-30T00:00:00Z", "2026-11-21", "2026-11-21 10:00:00Z", "now"] as const;
const DURATIONS = ["0s", "1s", "60m", "24h", "1d", "7d", "36525d"] as const;
const PATTERNS = [
  "^a",
  "b$",
  "^g.ld$",
  "(?i)GOLD",
  "a+b*",
  "^$",
  ".",
  "\\d{4}-",
  "[^a]",
  "(a|ab)(c|)",
] as const;
const VERSIONS = [
  "1.0.0",
  "1.0.0-rc.1",
  "1.0.0-rc.1+b",
  "1.10.0",
  "1.9.0",
  "2.0.0-0",
  "1.0.0-alpha",
] as const;
const ADDRESSES = [
  "10.0.0.1",
  "10.1.0.0",
  "192.0.2.7",
  "2001:db8::1",
  "::ffff:10.0.0.1",
  "::",
  "1.0",
] as const;
const RANGES = ["10.0.0.0/16", "10.0.0.0/8", "0.0.0.0/0", "::/0", "2001:db8::/32", "192.0.2.7/32"] as const;
const TYPES = ["purchase", "refund", "a"] as const;

const word = fc.constantFrom(...WORDS, ...TIMES, ...NOT_TIMES, ...TYPES, ...VERSIONS, ...ADDRESSES);
const number = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...NUMBERS) },
  { weight: 1, arbitrary: fc.double({ noNaN: true, noDefaultInfinity: true }) },
);

/** Mostly what letter case makes a difference to. */
const text = fc.oneof({ weight: 3, arbitrary: fc.constantFrom(...WORDS) }, { weight: 1, arbitrary: word });

export const scalar: fc.Arbitrary<Scalar> = fc.oneof(word, number, fc.boolean());

/** What equality names. */
const named = fc.oneof({ weight: 2, arbitrary: text }, { weight: 1, arbitrary: scalar });

/**
 * The keys at which events mostly hold values of one kind, where conditions of that kind mostly look: otherwise nearly
 * all conditions would be about something that is not there.
 */
const HOMES = { number: "n", text: "text", time: "at", version: "v", address: "ip", list: "items" } as const;
type Kind = keyof typeof HOMES;

/** Where a condition looks. */
interface Place {
  /** Anywhere. */
  readonly path: fc.Arbitrary<string>;
  /** What leads to the homes. */
  readonly starts: readonly string[];
}

const onEvent: Place = {
  path: fc.oneof(
    { weight: 2, arbitrary: fc.constantFrom("type", "source", "subject", "time", "data") },
    {
      weight: 8,
      arbitrary: fc
        .array(fc.constantFrom(...PATH_SEGMENTS), { minLength: 1, maxLength: 3 })
        .map((segments) => ["data", ...segments].join(".")),
    },
  ),
  starts: ["data.", "data.items.", "data.a."],
};
const onElement: Place = {
  path: fc.oneof(
    { weight: 2, arbitrary: fc.constant(".") },
    {
      weight: 5,
      arbitrary: fc
        .array(fc.constantFrom(...PATH_SEGMENTS), { minLength: 1, maxLength: 2 })
        .map((segments) => segments.join(".")),
    },
  ),
  starts: ["", "items."],
};

/** A path at which values of the kind often are. */
function near({ path, starts }: Place, kind: Kind): fc.Arbitrary<string> {
  return fc.oneof(
    { weight: 3, arbitrary: fc.constantFrom(...starts).map((start) => start + HOMES[kind]) },
    { weight: 2, arbitrary: path },
  );
}

function condition(place: Place): fc.Arbitrary<Condition> {
  const of = <const O extends string, V>(kind: Kind, operators: readonly O[], value: fc.Arbitrary<V>) =>
    fc.record({ field: near(place, kind), operator: fc.constantFrom(...operators), value });
  const withCase = <const O extends string, V>(kind: Kind, operators: readonly O[], value: fc.Arbitrary<V>) =>
    fc.record(
      {
        field: near(place, kind),
        operator: fc.constantFrom(...operators),
        value,
        case: fc.constantFrom("sensitive", "ignored"),
      },
      { requiredKeys: ["field", "operator", "value"] },
    );
  return fc.oneof(
    { weight: 5, arbitrary: withCase("text", ["equals", "not_equals"], named) },
    {
      weight: 3,
      arbitrary: withCase("text", ["in", "not_in"], fc.array(named, { minLength: 1, maxLength: 8 })),
    },
    { weight: 4, arbitrary: of("number", ["greater_than", "at_least", "less_than", "at_most"], number) },
    {
      weight: 2,
      arbitrary: of(
        "number",
        ["between"],
        fc.tuple(number, number).map(([a, b]): [number, number] => (a <= b ? [a, b] : [b, a])),
      ),
    },
    { weight: 1, arbitrary: of("time", ["before", "after"], fc.constantFrom(...TIMES)) },
    { weight: 1, arbitrary: of("time", ["within_last", "older_than"], fc.constantFrom(...DURATIONS)) },
    {
      weight: 3,
      arbitrary: withCase("text", ["contains", "not_contains", "starts_with", "ends_with"], text),
    },
    { weight: 1, arbitrary: of("text", ["matches"], fc.constantFrom(...PATTERNS)) },
    {
      weight: 1,
      arbitrary: of("text", ["sorts_after", "sorts_at_or_after", "sorts_before", "sorts_at_or_before"], text),
    },
    {
      weight: 2,
      arbitrary: of(
        "version",
        ["semver_equals", "semver_greater_than", "semver_at_least", "semver_less_than", "semver_at_most"],
        fc.constantFrom(...VERSIONS),
      ),
    },
    { weight: 1, arbitrary: of("address", ["in_cidr"], fc.constantFrom(...RANGES)) },
    {
      weight: 2,
      arbitrary: of(
        "list",
        ["length_equals", "length_at_least", "length_at_most"],
        fc.integer({ min: 1, max: 4 }),
      ),
    },
    {
      weight: 2,
      arbitrary: of("list", ["type_is"], fc.constantFrom("string", "number", "boolean", "object", "array")),
    },
    {
      weight: 2,
      arbitrary: fc.record({ field: place.path, operator: fc.constantFrom("exists", "missing") }),
    },
  );
}

/** Any condition on an event's field. */
export const topCondition = condition(onEvent);
const innerCondition = condition(onElement);

/** @param depth how many groups may still nest. */
function ruleOf(depth: number, place: Place, leaf: fc.Arbitrary<Condition>): fc.Arbitrary<Rule> {
  if (depth === 0) return leaf;
  const nested = ruleOf(depth - 1, place, leaf);
  const group = fc.array(nested, { minLength: 1, maxLength: 4 });
  const where = depth === 1 ? innerCondition : ruleOf(Math.min(depth - 1, 2), onElement, innerCondition);
  const list = near(place, "list");
  return fc.oneof(
    { weight: 3, arbitrary: leaf },
    { weight: 3, arbitrary: group.map((and): Rule => ({ and })) },
    { weight: 2, arbitrary: group.map((or): Rule => ({ or })) },
    { weight: 2, arbitrary: nested.map((not): Rule => ({ not })) },
    { weight: 2, arbitrary: fc.record({ some: list, where }) },
    { weight: 1, arbitrary: fc.record({ every: list, where }) },
  );
}

/** Any rule the language allows, small enough to shrink to something readable. */
export const rule: fc.Arbitrary<Rule> = ruleOf(3, onEvent, topCondition);

/** Any rule that may be written today: stored ones may have numbers beyond those up to which whole ones are exact. */
export const newRule: fc.Arbitrary<Rule> = rule.map(withExactNumbers);

/** The same JSON, with the largest exact number in place of larger ones. */
export function withExactNumbers<T>(json: T): T {
  return JSON.parse(JSON.stringify(json), (_, value) =>
    typeof value === "number" ? Math.max(-EVENT_NUMBER_MAX, Math.min(value, EVENT_NUMBER_MAX)) : value,
  ) as T;
}

/** Any rule inside `some`, whose paths start at an element. */
export const innerRule: fc.Arbitrary<Rule> = ruleOf(2, onElement, innerCondition);

const { value } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: "small", maxDepth: 4, withCrossShrink: true },
    { weight: 5, arbitrary: fc.oneof(scalar, fc.constant(null)) },
    { weight: 3, arbitrary: fc.array(tie("value"), { maxLength: 4 }) },
    { weight: 3, arbitrary: object(tie("value")) },
  ),
}));

/** A value as JSON holds one, null and nested arrays among them. */
export { value as jsonValue };

/** Values of each kind at their homes, beside anything. */
function withHomes(list: fc.Arbitrary<unknown>): fc.Arbitrary<Record<string, unknown>> {
  const severalOf = <T>(one: fc.Arbitrary<T>) =>
    fc.oneof(
      { weight: 3, arbitrary: one as fc.Arbitrary<unknown> },
      { weight: 1, arbitrary: fc.array(fc.oneof(one, fc.constant(null)), { maxLength: 3 }) },
    );
  const homes = fc.record(
    {
      [HOMES.number]: severalOf(number),
      [HOMES.text]: severalOf(text),
      [HOMES.time]: severalOf(fc.constantFrom(...TIMES, ...NOT_TIMES)),
      [HOMES.version]: severalOf(fc.constantFrom(...VERSIONS)),
      [HOMES.address]: severalOf(fc.constantFrom(...ADDRESSES)),
      [HOMES.list]: list,
    },
    { requiredKeys: [] },
  );
  return fc.tuple(object(value), homes).map(([others, homes]) => ({ ...others, ...homes }));
}

const data = withHomes(fc.array(fc.oneof(withHomes(value), value), { maxLength: 4 }));

/** Events as they may be, and a few as only `explain` can be given: a time that is none, data that is no object. */
export const event: fc.Arbitrary<EventDocument> = fc
  .record(
    {
      id: fc.constant("1"),
      source: fc.constantFrom("shop", "a"),
      type: fc.constantFrom(...TYPES),
      time: fc.oneof({ weight: 6, arbitrary: fc.constantFrom(...TIMES) }, fc.constantFrom(...NOT_TIMES)),
      subject: fc.oneof(word, fc.constant(null)),
      data: fc.oneof({ weight: 6, arbitrary: data }, value),
    },
    { requiredKeys: ["id", "source", "type", "time"] },
  )
  .map((event) => event as EventDocument);

/** Campaigns over a few ids, so that a list of them holds changes of the same campaign. */
export const campaign: fc.Arbitrary<Campaign> = fc.record({
  id: fc.nat({ max: 30 }).map((n) => `campaign-${n}`),
  version: fc.integer({ min: 1, max: 9 }),
  rule,
  startsAt: windowEdge(),
  endsAt: windowEdge(),
});

function windowEdge(): fc.Arbitrary<number | null> {
  const edges = [
    Date.UTC(2026, 10, 21, 10),
    Date.UTC(2026, 10, 21, 10) + 1,
    Date.UTC(2026, 10, 20),
    -8e15,
    8e15,
  ];
  return fc.oneof({ weight: 3, arbitrary: fc.constant(null) }, fc.constantFrom(...edges));
}

/** An object with own keys only, `__proto__` among them as JSON.parse would make it. */
function object(of: fc.Arbitrary<unknown>): fc.Arbitrary<Record<string, unknown>> {
  return fc
    .array(fc.tuple(fc.constantFrom(...KEYS), of), { maxLength: 5 })
    .map((entries) => Object.fromEntries(entries));
}
