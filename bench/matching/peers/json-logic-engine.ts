import { LogicEngine } from "json-logic-engine";
import { type Engine, scan } from "../engine.ts";
import { JSON_LOGIC_CANNOT, jsonLogic } from "./json-logic.ts";

/** Compiles each rule to JavaScript where code may be generated (Node); elsewhere (workerd) runs its optimised tree. */
export const jsonLogicEngine: Engine = {
  name: "json-logic-engine",
  cannot: JSON_LOGIC_CANNOT,
  build(campaigns, arrayFields) {
    const engine = new LogicEngine();
    const generatesCode = canGenerateCode();
    return scan(campaigns, (rule) => {
      const logic = jsonLogic(rule, arrayFields);
      if (!generatesCode) return (data) => engine.run(logic, data) === true;
      const compiled = engine.build(logic);
      return (data) => compiled(data) === true;
    });
  },
};

function canGenerateCode(): boolean {
  try {
    return new Function("return true")() === true;
  } catch {
    return false;
  }
}
