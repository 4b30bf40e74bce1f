import { guard } from "@ucast/mongo2js";
import { type Engine, scan } from "../engine.ts";
import { mongoQuery } from "./mongo-query.ts";

export const ucast: Engine = {
  name: "@ucast/mongo2js",
  cannot: {},
  build: (campaigns) => scan(campaigns, (rule) => guard(mongoQuery(rule))),
};
