import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

export interface CloudflareAccount {
  /** Deployed Workers, with the names of their secrets. */
  readonly workers: Map<string, string[]>;
  readonly queues: readonly string[];
}

export interface CloudflareApi {
  readonly url: string;
  /** Workers as they were uploaded, in order, each with the whole body of the upload. */
  readonly uploads: { readonly worker: string; readonly body: string }[];
  close(): Promise<void>;
}

/** The part of Cloudflare's API that a deployment by wrangler uses, for an account of our making. */
export async function startCloudflareApi({ workers, queues }: CloudflareAccount): Promise<CloudflareApi> {
  const uploads: { worker: string; body: string }[] = [];

  const answer = (method: string, url: URL, body: string): unknown => {
    const [, , , kind, , name = "", part] = url.pathname.split("/");
    if (kind === "queues") {
      const asked = url.searchParams.getAll("name");
      return queues
        .filter((queue) => asked.length === 0 || asked.includes(queue))
        .map((queue) => ({ queue_id: queue, queue_name: queue, producers: [], consumers: [] }));
    }
    if (url.pathname.endsWith("/subdomain"))
      return { subdomain: "acme", enabled: true, previews_enabled: false };
    if (url.pathname.includes("/services/")) return workers.has(name) ? service(name) : undefined;
    if (part === "secrets")
      return workers.get(name)?.map((secret) => ({ name: secret, type: "secret_text" }));
    if (part === "assets-upload-session") return { jwt: "session", buckets: [] };
    if (part === "deployments") return { deployments: [] };
    if (method === "PUT" && part === undefined) {
      uploads.push({ worker: name, body });
      return { id: name, etag: "1", startup_time_ms: 5, entry_point: "worker.js" };
    }
    return {};
  };

  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const url = new URL(request.url ?? "/", "http://cloudflare.test");
    const result = answer(request.method ?? "GET", url, Buffer.concat(chunks).toString());
    const errors = result === undefined ? [{ code: 10007, message: "This Worker does not exist." }] : [];
    const result_info = { page: 1, per_page: 100, count: 1, total_count: 1, total_pages: 1 };
    response.writeHead(result === undefined ? 404 : 200, { "Content-Type": "application/json" });
    response.end(
      JSON.stringify({ success: result !== undefined, errors, messages: [], result, result_info }),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    uploads,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

const service = (id: string) => ({ id, default_environment: { environment: "production", script: {} } });
