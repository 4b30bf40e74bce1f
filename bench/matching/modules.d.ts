declare module "json-logic-js" {
  const jsonLogic: { apply(logic: unknown, data: unknown): unknown };
  export default jsonLogic;
}

declare module "workerd" {
  /** CommonJS: `default` is the path of the binary for this machine. */
  const workerd: { readonly default: string };
  export default workerd;
}
