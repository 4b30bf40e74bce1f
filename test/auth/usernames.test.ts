import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { prepareUsername } from "../../src/auth/usernames.ts";
import { USERNAME_CHARS_MAX } from "../../src/limits.ts";

describe("a username", () => {
  test.each([
    ["anna"],
    ["Anna.Müller+shop@example.com"],
    ["o'brien_2"],
    ['Hopper, "Amazing" Grace'],
    ["ρήγας"],
    ["ß"],
    ["山田太郎"],
    ["דנה"],
    ["דנה2"],
    ["محمد"],
    ["Владимир"],
    ["a".repeat(USERNAME_CHARS_MAX)],
  ])("%j is stored as it is", (name) => {
    expect(prepareUsername(name)).toEqual({ ok: true, username: name });
  });

  test.each([
    ["full-width letters", "Ａｎｎａ", "Anna"],
    ["half-width kana", "ﾔﾏﾀﾞ", "ヤマダ"],
    ["a letter and its accent apart", "Mu\u0308ller", "Müller"],
  ])("of %s is stored in the usual form", (_, given, username) => {
    expect(prepareUsername(given)).toEqual({ ok: true, username });
  });

  test.each([
    ["nothing", "", "empty"],
    ["a character too many", "a".repeat(USERNAME_CHARS_MAX + 1), "too_long"],
    ["a leading space", " anna", "not_a_name"],
    ["a trailing space", "anna ", "not_a_name"],
    ["two spaces within", "anna  lena", "not_a_name"],
    ["a no-break space", "anna\u00a0", "not_a_name"],
    ["a full-width space", "anna\u3000", "not_a_name"],
    ["a zero-width space", "an\u200bna", "not_a_name"],
    ["a zero-width joiner", "an\u200dna", "not_a_name"],
    ["a soft hyphen", "an\u00adna", "not_a_name"],
    ["a byte order mark", "\ufeffanna", "not_a_name"],
    ["a right-to-left override", "anna\u202egnp", "not_a_name"],
    ["a right-to-left mark", "anna\u200f", "not_a_name"],
    ["an isolate", "\u2066anna\u2069", "not_a_name"],
    ["a line break", "an\nna", "not_a_name"],
    ["NUL", "an\0na", "not_a_name"],
    ["a lone surrogate", "an\ud800na", "not_a_name"],
    ["a noncharacter", "an\uffffna", "not_a_name"],
    ["a private character", "an\ue000na", "not_a_name"],
    ["a variation selector", "anna\ufe0f", "not_a_name"],
    ["an emoji", "anna🎉", "not_a_name"],
    ["a ligature", "ﬁona", "not_a_name"],
    ["a superscript", "anna²", "not_a_name"],
    ["a currency sign", "anna€", "not_a_name"],
    ["a tatweel", "محـمد", "not_a_name"],
    ["letters of both directions", "annaדנה", "mixed_directions"],
    ["letters of both directions, the other way", "דנהanna", "mixed_directions"],
    ["a digit before letters from the right", "2דנה", "mixed_directions"],
  ])("with %s is refused", (_, given, problem) => {
    expect(prepareUsername(given)).toEqual({ ok: false, problem });
  });

  test("that was prepared is prepared", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", minLength: 1 }), (given) => {
        const prepared = prepareUsername(given);
        if (prepared.ok) expect(prepareUsername(prepared.username)).toEqual(prepared);
      }),
    );
  });

  test("of the same letters in another case is prepared in that case", () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(..."aäßéñжя"), minLength: 1 }), (given) => {
        expect(prepareUsername(given).ok).toBe(true);
        expect(prepareUsername(given.toUpperCase()).ok).toBe(true);
      }),
    );
  });
});
