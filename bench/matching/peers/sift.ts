import sift from "sift";
import { type Engine, scan } from "../engine.ts";
import { mongoQuery } from "./mongo-query.ts";

export const siftEngine: Engine = {
  name: "sift",
  cannot: {},
  build: (campaigns) => scan(campaigns, (rule) => sift(mongoQuery(rule))),
};
