/**
 * What tests in workerd need from outside of it, since a Worker can listen on no port: databases, and an address that
 * redirects. Set up once for all of them, in vitest's own process; they find it at `inject("nodeSide")`.
 */
import type { TestProject } from "vitest/node";
import { startHttpServer } from "../../dev/http-server.ts";
import { openTestDatabase, type TestDatabase } from "./database.ts";

declare module "vitest" {
  export interface ProvidedContext {
    readonly nodeSide: string;
  }
}

/** Where a database is, as it is answered to `POST /databases`. `DELETE` of its path closes it. */
export interface DatabaseAddress extends Pick<TestDatabase, "url" | "endpointUrl"> {
  readonly path: string;
}

export default async function startNodeSide(project: TestProject): Promise<() => Promise<void>> {
  const databases = new Map<string, TestDatabase>();
  let opened = 0;
  let followed = 0;

  async function answer(method: string, path: string): Promise<Response> {
    if (method === "POST" && path === "/databases") {
      const database = await openTestDatabase();
      const address: DatabaseAddress = {
        path: `/databases/${++opened}`,
        url: database.url,
        endpointUrl: database.endpointUrl,
      };
      databases.set(address.path, database);
      return Response.json(address);
    }
    const database = databases.get(path);
    if (method === "DELETE" && database !== undefined) {
      databases.delete(path);
      await database.close();
      return new Response(null, { status: 204 });
    }
    const [, status] = /^\/redirects\/(\d+)$/.exec(path) ?? [];
    if (status !== undefined)
      return new Response(null, { status: Number(status), headers: { Location: "/followed" } });
    if (path === "/followed") return Response.json(followed++);
    return new Response(null, { status: 404 });
  }

  const { url, close } = await startHttpServer(async ({ method = "", url = "" }, response) => {
    const reply = await answer(method, url).catch(
      (error: unknown) => new Response(String(error), { status: 500 }),
    );
    response.writeHead(reply.status, Object.fromEntries(reply.headers)).end(await reply.text());
  });
  project.provide("nodeSide", url);

  return async () => {
    await close();
    for (const database of databases.values()) await database.close();
  };
}
