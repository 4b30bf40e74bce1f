import jsonLogicJs from "json-logic-js";
import { type Engine, scan } from "../engine.ts";
import { JSON_LOGIC_CANNOT, jsonLogic } from "./json-logic.ts";

/** Interprets the rule's JSON each time; there is no compiled form. */
export const jsonLogicJsEngine: Engine = {
  name: "json-logic-js",
  cannot: JSON_LOGIC_CANNOT,
  build: (campaigns, arrayFields) =>
    scan(campaigns, (rule) => {
      const logic = jsonLogic(rule, arrayFields);
      return (data) => jsonLogicJs.apply(logic, data) === true;
    }),
};
