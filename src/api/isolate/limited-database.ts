import type { Bulkhead } from "../../bulkhead.ts";
import type { Database, QueryResult } from "../../storage/core/client.ts";
import { withReservation } from "./capacity.ts";

/**
 * The same database, of which so many requests may wait at once as `places` has room for, each for as long as it is
 * being answered and no longer. A query for which there is no room rejects with HttpProblem `overloaded`.
 */
export function limitedDatabase(db: Database, places: Bulkhead): Database {
  return {
    execute(statement) {
      const query = db.execute(statement);
      // It is sent when it is awaited: alone, or as one of a batch, which does not await it.
      const send = query.then.bind(query);
      const answer = () => new Promise<QueryResult>((resolve, reject) => void send(resolve, reject));
      return Object.assign(query, {
        // biome-ignore lint/suspicious/noThenProperty: a query is a thenable, and is sent by its `then`
        then: ((...handlers) => withReservation(places, 1, answer).then(...handlers)) as typeof query.then,
      });
    },
    batch: (queries) => withReservation(places, 1, () => db.batch(queries)),
  };
}
