/**
 * zod as the bundles see it (wrangler's `alias`): everything that `import … from "zod"` gives, less its fifty
 * locales, which nothing here uses and which `export * as locales` keeps in every bundle: a quarter of it.
 * Mirrors zod/v4/classic/external.js; a test compares the names.
 */
import { config } from "../../node_modules/zod/v4/core/index.js";
import en from "../../node_modules/zod/v4/locales/en.js";

config(en());

export * from "../../node_modules/zod/v4/classic/checks.js";
export * as coerce from "../../node_modules/zod/v4/classic/coerce.js";
export * from "../../node_modules/zod/v4/classic/compat.js";
export * from "../../node_modules/zod/v4/classic/errors.js";
export * as iso from "../../node_modules/zod/v4/classic/iso.js";
export {
  ZodISODate,
  ZodISODateTime,
  ZodISODuration,
  ZodISOTime,
} from "../../node_modules/zod/v4/classic/iso.js";
export * from "../../node_modules/zod/v4/classic/parse.js";
export * from "../../node_modules/zod/v4/classic/schemas.js";
export {
  clone,
  config,
  flattenError,
  formatError,
  globalRegistry,
  NEVER,
  prettifyError,
  regexes,
  registry,
  TimePrecision,
  treeifyError,
  util,
} from "../../node_modules/zod/v4/core/index.js";
export { toJSONSchema } from "../../node_modules/zod/v4/core/json-schema-processors.js";
export * as z from "./zod.js";
