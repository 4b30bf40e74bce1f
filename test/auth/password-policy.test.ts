import { describe, expect, it } from "vitest";
import { COMMON_PASSWORDS } from "../../src/auth/common-passwords.ts";
import { passwordProblem } from "../../src/auth/password-policy.ts";
import type { PasswordScheme } from "../../src/auth/passwords.ts";

const ARGON2ID: PasswordScheme = { algorithm: "argon2id" };
const BCRYPT: PasswordScheme = { algorithm: "bcrypt", rounds: 10 };
/** Text of any length that is no repetition and no run. */
const long = (characters: number, unit = "q7m"): string =>
  `${unit.repeat(characters)}`.slice(0, characters - 1).concat("Z");

describe("passwordProblem", () => {
  it.each([
    ["11 characters", long(11), "too_short"],
    ["12 characters", long(12), undefined],
    ["256 characters", long(256), undefined],
    ["257 characters", long(257), "too_long"],
    ["nothing", "", "too_short"],
    ["12 code units of 6 characters", "🐎🔋📎🏇🔌📌", "too_short"],
    ["12 characters outside the basic plane", "🐎🔋📎🏇🔌📌🐴🪫🖇🐐💡📍", undefined],
    ["256 characters outside the basic plane", `${"🐎🔋📎".repeat(85)}🔌`, undefined],
    [
      "12 code points that are 6 characters once composed",
      "e\u0301a\u0301o\u0301i\u0301u\u0301y\u0301",
      "too_short",
    ],
    ["blanks inside and around", "  correct horse  ", undefined],
    ["lower case alone", "correcthorsebattery", undefined],
    ["digits alone", "904711283350", undefined],
    ["a lone surrogate", `${long(12)}\ud800`, "not_text"],
    ["NUL", `${long(12)}\0`, "not_text"],
    ["one letter", "aaaaaaaaaaaa", "too_common"],
    ["one letter in both cases", "aAaAaAaAaAaA", "too_common"],
    ["two letters", "ababababababa", "too_common"],
    ["four letters", "Pa55Pa55Pa55", "too_common"],
    ["five letters over again", "k3u0vk3u0vk3u0v", undefined],
    ["the digits upwards", "123456789012", "too_common"],
    ["the digits downwards", "987654321098", "too_common"],
    ["the alphabet", "abcdefghijkl", "too_common"],
    ["the alphabet downwards", "zyxwvutsrqpon", "too_common"],
    ["almost the alphabet", "abcdefghijkm", undefined],
    ["a keyboard's columns", "1qaz2wsx3edc", "too_common"],
    ["a common one in capitals", "QWERTYQWERTY", "too_common"],
    ["a common one of two words", "LeaveMeAlone", "too_common"],
    ["the user's name", "Marie-Curie-1867", "is_username"],
    ["the user's name in another case", "marie-curie-1867", "is_username"],
    ["the user's name and a little more", "marie-curie-1867!1", "context_words"],
    ["the user's name and much more", "marie-curie-1867 polonium", undefined],
    ["the product's name and a year", "Campaign-Manager-2026", "context_words"],
    ["a word of the product among others", "campaign of the summer", undefined],
  ])("%s", (_, password, problem) => {
    expect(passwordProblem(password, "Marie-Curie-1867", ARGON2ID)).toBe(problem);
  });

  it("knows the user's name however its accents were typed", () => {
    expect(passwordProblem("rene\u0301.descartes", "REN\u00c9.DESCARTES", ARGON2ID)).toBe("is_username");
  });

  it.each([
    ["one of them and a year", "AcmeShops2026", "context_words"],
    ["two of them", "Berlin!ACMEshops", "context_words"],
    ["one of them over and over", "acmeshopsacmeshops1", "context_words"],
    ["one of them and enough else", "acmeshops opened 1987", undefined],
    ["a word too short to count", "the ant hill", undefined],
  ])("knows the words of those who deploy it: %s", (_, password, problem) => {
    expect(passwordProblem(password, "admin", ARGON2ID, ["AcmeShops", "berlin", "ant"])).toBe(problem);
  });

  it.each([
    ["72 bytes", long(72), undefined],
    ["73 bytes", long(73), "too_long"],
    ["73 bytes in 43 characters", `${"é".repeat(30)}${long(13)}`, "too_long"],
  ])("holds bcrypt to what it reads: %s", (_, password, problem) => {
    expect(passwordProblem(password, "admin", BCRYPT)).toBe(problem);
    expect(passwordProblem(password, "admin", ARGON2ID)).toBeUndefined();
  });
});

describe("the list of common passwords", () => {
  it("holds what could be chosen and no other rule refuses", () => {
    expect(COMMON_PASSWORDS.size).toBeGreaterThan(1_500);
    for (const password of COMMON_PASSWORDS) {
      expect(password).toMatch(/^[!-~]{12,256}$/);
      expect(password).toBe(password.toLowerCase());
      expect(passwordProblem(password, "admin", ARGON2ID)).toBe("too_common");
    }
  });
});
