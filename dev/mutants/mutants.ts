import type { Mutant } from "./mutant.ts";

/*
 * Every operator, guard and boundary of the search, of the words it reads and of the trie it goes through, and the
 * bound of copies. Not here, because no answer depends on it: how keys are ranked and weighed, that what has nothing
 * to find returns early, and that a path's proof is left out of a leaf: all matters of speed.
 */

const of = (file: string, changes: readonly (readonly [name: string, find: string, replace: string])[]) =>
  changes.map(([name, find, replace]): Mutant => ({ name, file: `src/rules/index/${file}`, find, replace }));

export const MUTANTS: readonly Mutant[] = [
  ...of("opcodes.ts", [
    ["a wide equality ends after what follows it", "return at + 2;", "return at + 3;"],
    [
      "a list of an even number of values ends after what follows it",
      "(((word >>> NARROW_SHIFT) + 1) >>> 1)",
      "(((word >>> NARROW_SHIFT) + 2) >>> 1)",
    ],
    [
      "a wide list ends after what follows it",
      "return at + 2 + (words[at + 1] as number);",
      "return at + 3 + (words[at + 1] as number);",
    ],
    [
      "the start of a window takes its end along",
      "    case FROM:\n    case UNTIL:\n      return at + 3;",
      "    case UNTIL:\n      return at + 3;\n    case FROM:\n      return at + 5;",
    ],
    ["an interval ends after what follows it", "return at + 5;", "return at + 6;"],
    ["what is in a group is read beside it", "return at + (words[at + 1] as number);", "return at + 2;"],
    ["the slot of a narrow list holds its count", "op === EQUALS || op === IN ?", "op === EQUALS ?"],
    ["slots are cut to nine bits", "NARROW_SLOT_MASK = 0x3ff", "NARROW_SLOT_MASK = 0x1ff"],
    ["one slot too many is narrow", "NARROW_SLOTS = 1 << 10", "NARROW_SLOTS = (1 << 10) + 1"],
    ["one value too many is narrow", "NARROW_VALUES = 1 << 16", "NARROW_VALUES = (1 << 16) + 1"],
    ["every other value of a list is the one before", "((index & 1) << 4)", "0"],
    ["values of a list are cut to fifteen bits", "& 0xffff", "& 0x7fff"],
    [
      "a wide list starts one word early",
      "return words[at + 2 + index] as number;",
      "return words[at + 1 + index] as number;",
    ],
    [
      "a wide equality has its slot for a value",
      "    case EQUALS_WIDE:\n      return words[at + 1] as number;",
      "    case EQUALS_WIDE:\n      return word >>> NUMBER_SHIFT;",
    ],
    [
      "a narrow list has one value less",
      "    case IN:\n      return word >>> NARROW_SHIFT;",
      "    case IN:\n      return (word >>> NARROW_SHIFT) - 1;",
    ],
    [
      "a wide list has one value less",
      "    case IN_WIDE:\n      return words[at + 1] as number;",
      "    case IN_WIDE:\n      return (words[at + 1] as number) - 1;",
    ],
    ["a header says one copy less than there are", "& (COPIES_MAX - 1)) + 1;", "& (COPIES_MAX - 1));"],
    ["a header is given one copy more", "((copies - 1) << COPIES_SHIFT)", "(copies << COPIES_SHIFT)"],
    ["copies are added to those of before", "(header & ~((COPIES_MAX - 1) << COPIES_SHIFT))", "header"],
    [
      "rebuilding forgets how many copies there are",
      "HEADER_MASK = (1 << ORDINAL_SHIFT) - 1",
      "HEADER_MASK = 3",
    ],
    [
      "rebuilding forgets that a campaign has several records",
      "HEADER_MASK = (1 << ORDINAL_SHIFT) - 1",
      "HEADER_MASK = ((1 << ORDINAL_SHIFT) - 1) & ~1",
    ],
    [
      "rebuilding forgets that a record asks for several values",
      "HEADER_MASK = (1 << ORDINAL_SHIFT) - 1",
      "HEADER_MASK = ((1 << ORDINAL_SHIFT) - 1) & ~2",
    ],
  ]),
  ...of("search.ts", [
    ["a node's own leaf is left out", "if (leaf !== 0) scan", "if (leaf < 0) scan"],
    ["a field that is missing ends a node", "if (held === 0) continue;", "if (held === 0) break;"],
    [
      "of several values none is followed",
      "} else if (held === MULTI_VALUE) {",
      "} else if (held < MULTI_VALUE) {",
    ],
    [
      "an edge is looked for in one place",
      "          break;\n        }\n        if (value === 0) break;\n      }\n    }\n  }\n}\n\n/** By values",
      "          break;\n        }\n        break;\n      }\n    }\n  }\n}\n\n/** By values",
    ],
    ["several values follow every edge", "if (value !== 0 && includes(values, value))", "if (value !== 0)"],
    ["several values never follow the last edge", "at <= base + 2 * mask", "at < base + 2 * mask"],
    [
      "the first of several values is not followed",
      "for (const wanted of values) {",
      "for (const wanted of values.subarray(1)) {",
    ],
    [
      "an edge of one of several values is looked for in one place",
      "        break;\n      }\n      if (value === 0) break;\n    }\n  }\n}\n\nfunction visitRanges",
      "        break;\n      }\n      break;\n    }\n  }\n}\n\nfunction visitRanges",
    ],
    ["a range ends before its last bucket", "(2 << (range >>> 8))", "(1 << (range >>> 8))"],
    ["a range starts after its first bucket", "(1 << (range & 255))", "(2 << (range & 255))"],
    ["the last edge of a range split is left out", "at < base + 2 * count", "at < base + 2 * count - 2"],
    ["of several numbers the last bucket counts", "buckets |= 1 << bucket;", "buckets = 1 << bucket;"],
    [
      "of several numbers the first bucket counts",
      "if (bucket === RANGE_BOUNDS) break;",
      "if (bucket >= 0) break;",
    ],
    [
      "sorted lists are left out",
      "if (end < (code[leaf + 1] as number)) searchLists",
      "if (end > (code[leaf + 1] as number)) searchLists",
    ],
    [
      "an equality holds for one value only",
      "holds = held === value || (held === MULTI_VALUE && slotHasValue(state, slot, value));",
      "holds = held === value;",
    ],
    [
      "a value that is one of several holds, whichever it is",
      "(held === MULTI_VALUE && slotHasValue(state, slot, value))",
      "held === MULTI_VALUE",
    ],
    [
      "at_least leaves its bound out",
      "(numbers[slot] as number) >= (doubles",
      "(numbers[slot] as number) > (doubles",
    ],
    [
      "at_most leaves its bound out",
      "(numbers[slot] as number) <= (doubles",
      "(numbers[slot] as number) < (doubles",
    ],
    [
      "at_least holds for one number only",
      "(numbers[slot] as number) >= (doubles[(at + 1) >>> 1] as number) ||\n            (values[slot] === MULTI_VALUE && holdsAt(trie, state, at));",
      "(numbers[slot] as number) >= (doubles[(at + 1) >>> 1] as number);",
    ],
    [
      "at_most holds for one number only",
      "(numbers[slot] as number) <= (doubles[(at + 1) >>> 1] as number) ||\n            (values[slot] === MULTI_VALUE && holdsAt(trie, state, at));",
      "(numbers[slot] as number) <= (doubles[(at + 1) >>> 1] as number);",
    ],
    ["conditions are never negated", "if (holds === ((word & op.NEGATED) !== 0)) {", "if (!holds) {"],
    [
      "what is found beyond the room for it is lost",
      "if (found.count === found.headers.length) grow(found);",
      "",
    ],
    [
      "room is made once for a whole list",
      "while (found.count + holding > found.headers.length) grow(found);",
      "if (found.count + holding > found.headers.length) grow(found);",
    ],
    ["growing forgets what was found", "larger.set(found.headers);", ""],
    ["of a leaf's sorted lists only the first is searched", "list = endOfList(code, list)", "list = end"],
    [
      "the last of a list that holds is left out",
      "at < from + holding; at++",
      "at < from + holding - 1; at++",
    ],
    [
      "an equality in a group reads slot and value as one number",
      "slotHasValue(state, number & op.NARROW_SLOT_MASK, word >>> op.NARROW_SHIFT)",
      "slotHasValue(state, number, word >>> op.NARROW_SHIFT)",
    ],
    [
      "a wide equality reads its value from its first word",
      "slotHasValue(state, number, code[at + 1] as number)",
      "slotHasValue(state, number, word >>> op.NARROW_SHIFT)",
    ],
    ["the first value of a list is not asked for", "index >= 0; index--", "index > 0; index--"],
    ["a window starts after its first millisecond", "state.now >= (doubles", "state.now > (doubles"],
    ["a window ends after its last millisecond", "state.now < (doubles", "state.now <= (doubles"],
    [
      "what no rule names does not exist",
      "state.values[number] !== 0;",
      "(state.values[number] as number) > 0;",
    ],
    ["a group of all is one of any", "& op.OP_MASK) === op.ALL;", "& op.OP_MASK) === op.ANY;"],
    ["a gap in a group holds", "if ((word & op.OP_MASK) === op.SKIP) continue;", ""],
    [
      "conditions in a group are never negated",
      "holdsAt(trie, state, at) !== ((word & op.NEGATED) !== 0);",
      "holdsAt(trie, state, at);",
    ],
    ["a group that comes to its end says the opposite", "return all;", "return !all;"],
    [
      "of several numbers the least is to be large enough",
      "numbers[numbers.length - 1] ?? Number.NaN, limit, high",
      "numbers[0] ?? Number.NaN, limit, high",
    ],
    [
      "of several numbers the greatest is to be small enough",
      "return compare(word, numbers[0] ??",
      "return compare(word, numbers[numbers.length - 1] ??",
    ],
    ["of several numbers the least is to be between", "numbers[countBelow(numbers, limit)]", "numbers[0]"],
    ["the upper bound is the lower", "doubles[(at + 3) >>> 1]", "doubles[(at + 1) >>> 1]"],
    [
      "a number that equals a limit is below it",
      "if ((numbers[middle] as number) < limit) low",
      "if ((numbers[middle] as number) <= limit) low",
    ],
    ["greater_than takes its bound in", "return number > limit;", "return number >= limit;"],
    ["at_least in a group leaves its bound out", "return number >= limit;", "return number > limit;"],
    ["less_than takes its bound in", "return number < limit;", "return number <= limit;"],
    ["at_most in a group leaves its bound out", "return number <= limit;", "return number < limit;"],
    [
      "between leaves its lower end out",
      "number >= limit && number <= high",
      "number > limit && number <= high",
    ],
    [
      "between leaves its upper end out",
      "number >= limit && number <= high",
      "number >= limit && number < high",
    ],
    [
      "a shared group keeps its answer for ever",
      "(answers[number] as number) - 2 * state.epoch",
      "(answers[number] as number) - 2",
    ],
    [
      "a shared group keeps its answer for the next event",
      "if (known >= 0) return known === 1;",
      "if (known >= -2) return (known & 1) === 1;",
    ],
    ["a shared group that was decided does not hold", "return known === 1;", "return known > 1;"],
    [
      "a shared group is always remembered to hold",
      "2 * state.epoch + (holds ? 1 : 0)",
      "2 * state.epoch + 1",
    ],
  ]),
  ...of("shared-groups.ts", [
    [
      "groups of one length are alike",
      "words[one + word] !== words[other + word]) return false",
      "words[one] !== words[one]) return false",
    ],
    ["two shared groups have one number", "=== 0 ? ++shared :", "=== 0 ? (shared = 1) :"],
    ["the last group of the shared has no number of its own", "? ++shared :", "? Math.max(1, shared++) :"],
  ]),
  ...of("build.ts", [
    ["a trie is as deep as it can be", " && depth < DEPTH_MAX ?", " ?"],
    ["what no split takes is lost", "parts.rest.length > 0 ? leafOf", "parts.rest.length < 0 ? leafOf"],
    ["copies are not bounded", "if (rank === 0 || copies * count > op.COPIES_MAX ||", "if (rank === 0 ||"],
    [
      "one split is bounded, not all on the way",
      "if (rank === 0 || copies * count > op.COPIES_MAX ||",
      "if (rank === 0 || count > op.COPIES_MAX ||",
    ],
    [
      "copies may be two more than the bound",
      "if (rank === 0 || copies * count > op.COPIES_MAX ||",
      "if (rank === 0 || copies * count > op.COPIES_MAX + 2 ||",
    ],
    ["what is proved stays so beside its edge", "path.proved[slot] = 0;", ""],
    [
      "every edge proves the value of the edge before",
      "    path.values[slot] = value;\n    return { value, child: buildChild(builder, items, depth + 1) };",
      "    const child = buildChild(builder, items, depth + 1);\n    path.values[slot] = value;\n    return { value, child };",
    ],
    [
      "a split adds its copies",
      "(copies, values) => copies * values",
      "(copies, values) => copies + values - 1",
    ],
    ["a split's copies are counted beside it", "(copies, values) => copies / values", "(copies) => copies"],
    [
      "an edge may take another's place",
      "while (edges.words[base + 2 * entry] !== 0) entry",
      "if (edges.words[base + 2 * entry] !== 0) entry",
    ],
    [
      "the last child of a range split is forgotten",
      "return [key, base, children.length];",
      "return [key, base, children.length - 1];",
    ],
    [
      "one record that hands its key over is lost",
      "      group[group.length - 1 - left] = items[index] as number;",
      "      group[Math.max(0, group.length - 2 - left)] = items[index] as number;",
    ],
  ]),
  ...of("guards.ts", [
    ["a negated condition guards its record", "if (word & op.NEGATED) return NO_KEY;", ""],
    [
      "a lower bound starts one bucket late",
      "return bucket | ((RANGE_BUCKETS",
      "return (bucket + 1) | ((RANGE_BUCKETS",
    ],
    ["an interval ends where it starts", "doubles[(at + 3) >>> 1]", "doubles[(at + 1) >>> 1]"],
    ["an upper bound ends one bucket early", "return bucket << 8;", "return Math.max(0, bucket - 1) << 8;"],
    [
      "a record is found by what it must not have",
      "code > op.IN_WIDE || word & op.NEGATED ||",
      "code > op.IN_WIDE ||",
    ],
    [
      "of several lists on a field the longest guards",
      "op.valuesAt(words, at) < op.valuesAt(words, best)",
      "op.valuesAt(words, at) > op.valuesAt(words, best)",
    ],
    [
      "a record is found by the range it must not be in",
      "code <= op.BETWEEN && !(word & op.NEGATED) &&",
      "code <= op.BETWEEN &&",
    ],
    ["a list's record is under one value less", "index >= 0; index--", "index > 0; index--"],
  ]),
  ...of("leaf.ts", [
    [
      "what must not have the proved value is left out",
      "if (code > op.IN_WIDE || word & op.NEGATED) return false;",
      "if (code > op.IN_WIDE) return false;",
    ],
    [
      "any proved value settles a condition",
      "if (op.valueAt(words, at, index) === path.values[slot]) return true;",
      "return true;",
    ],
    [
      "a record of two ranges stands in the list of the second",
      "if (left !== 0 || !isOneSided",
      "if (!isOneSided",
    ],
    [
      "a range with another condition stands in a list",
      "if (left !== 0 || !isOneSided(words[at] as number)) return 0;",
      "if (left !== 0) return 0;\n    if (!isOneSided(words[at] as number)) continue;",
    ],
    ["doubles stand anywhere", "if ((wantsOdd && (to.length & 1) === 0) ||", "if ("],
    ["groups stand anywhere", "|| (wantsEven && (to.length & 1) === 1)) push", ") push"],
  ]),
  ...of("range-lists.ts", [
    [
      "lists are sorted backwards",
      "const ascending = asksForMore(word);",
      "const ascending = !asksForMore(word);",
    ],
    ["a range that must not hold stands in a list", " && (word & op.NEGATED) === 0;", ";"],
    ["an interval stands in a list", "code <= op.MOST &&", "code <= op.BETWEEN &&"],
    [
      "a list of a field with several numbers asks the other end",
      "asksForMore(word) ? numbers.length - 1 : 0",
      "asksForMore(word) ? 0 : numbers.length - 1",
    ],
    [
      "greater_than in a list takes its bound in",
      "return number > threshold;",
      "return number >= threshold;",
    ],
    ["at_least in a list leaves its bound out", "return number >= threshold;", "return number > threshold;"],
    ["less_than in a list takes its bound in", "return number < threshold;", "return number <= threshold;"],
    ["at_most in a list leaves its bound out", "return number <= threshold;", "return number < threshold;"],
  ]),
];
