import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { checkEvent } from "../../../src/api/ingest/event.ts";

/** What an event is answered whose JSON holds this number, as text. */
function checked(number: string, path = "n") {
  const data = path === "n" ? `{"n":${number}}` : `{"list":[0,{"n":${number}}]}`;
  const result = checkEvent(JSON.parse(`{"id":"1","type":"t","data":${data}}`), 0);
  return result.ok
    ? "accepted"
    : result.faults.errors.map(({ code, pointer }) => `${code} ${pointer}`).join();
}

describe("a number in an event's data", () => {
  test.each([
    "0",
    "-0",
    "1.0",
    "1e3",
    "9007199254740991",
    "-9007199254740991",
    "9007199254740991.0",
    "9.007199254740991e15",
    "4503599627370495.5",
    "0.1",
    "1e-320",
    "1e-400",
  ])("%s is accepted", (number) => expect(checked(number)).toBe("accepted"));

  test.each([
    "9007199254740992",
    "-9007199254740992",
    "9007199254740993",
    "9007199254740992.0",
    "9007199254740992.5",
    "9.007199254740992e15",
    "1e16",
    "1e20",
    "-1E+20",
    "123456789012345678901234567890",
    "1.7976931348623157e308",
  ])("%s is refused: it may not be the one that was written", (number) => {
    expect(checked(number)).toBe("number_not_exact /data/n");
    expect(checked(number, "deep")).toBe("number_not_exact /data/list/1/n");
  });

  test.each(["1e309", "1e400", "-1e400"])("%s is refused: it is no double", (number) => {
    expect(checked(number)).toBe("number_out_of_range /data/n");
  });

  test("that is whole is accepted exactly when JSON carries it unchanged", () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(2n ** 70n), max: 2n ** 70n }), (number) => {
        const isSafe = number >= -(2n ** 53n - 1n) && number <= 2n ** 53n - 1n;
        expect(checked(String(number))).toBe(isSafe ? "accepted" : "number_not_exact /data/n");
      }),
    );
  });
});
