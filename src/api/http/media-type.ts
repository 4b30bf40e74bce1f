/** A media type (RFC 9110, section 8.3.1) as far as anything here asks. Lower case. */
export interface MediaType {
  /** `type/subtype`. */
  readonly essence: string;
  readonly charset: string | undefined;
}

const TOKEN = "[!#$%&'*+.^_`|~0-9a-z-]+";
const ESSENCE = new RegExp(`^${TOKEN}/${TOKEN}$`);
const CHARSET = new RegExp(`^charset=(?:(${TOKEN})|"(${TOKEN})")$`);

/** Undefined when `text` does not begin with a type and a subtype. Of several charsets the first counts. */
export function parseMediaType(text: string): MediaType | undefined {
  const [essence = "", ...parameters] = text.split(";").map((part) => part.trim().toLowerCase());
  if (!ESSENCE.test(essence)) return undefined;
  const given = parameters.find((parameter) => parameter.startsWith("charset="));
  if (given === undefined) return { essence, charset: undefined };
  const [, bare, quoted] = CHARSET.exec(given) ?? [];
  return { essence, charset: bare ?? quoted ?? "" };
}

/** Whether it is JSON, or says so with its suffix (RFC 6839). */
export const isJson = ({ essence }: MediaType): boolean => /^application\/(?:.+\+)?json$/.test(essence);
