import { describe, expect, test } from "vitest";
import { isJson, parseMediaType } from "../../../src/api/http/media-type.ts";

describe("a media type", () => {
  test.each([
    ["application/json", "application/json", undefined],
    [" Application/JSON ; Charset=UTF-8", "application/json", "utf-8"],
    ['application/json;charset="utf-8"', "application/json", "utf-8"],
    ["application/json; profile=x; charset=utf-16; charset=utf-8", "application/json", "utf-16"],
    ["application/json; charset=", "application/json", ""],
    ['application/json; charset="utf-8', "application/json", ""],
    ["application/cloudevents+json;", "application/cloudevents+json", undefined],
  ])("%j is %s in charset %s", (text, essence, charset) => {
    expect(parseMediaType(text)).toEqual({ essence, charset });
  });

  test.each([
    "",
    "json",
    "application/",
    "/json",
    "application/json/x",
    "application json",
    "a/b, a/c",
    "a/b c",
  ])("is not %j", (text) => expect(parseMediaType(text)).toBeUndefined());

  test.each([
    ["application/json", true],
    ["APPLICATION/JSON; x=y", true],
    ["application/vnd.shop.v1+json", true],
    ["application/jsonp", false],
    ["application/+json", false],
    ["text/json", false],
    ["application/json+xml", false],
  ])("%s is JSON: %s", (text, expected) => {
    const type = parseMediaType(text);
    expect(type !== undefined && isJson(type)).toBe(expected);
  });
});
