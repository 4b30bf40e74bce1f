/** Of package.json, without the rest of it in the bundle. */
export const VERSION = "0.1.0";
