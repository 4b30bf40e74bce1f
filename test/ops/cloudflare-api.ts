import { startHttpServer } from "../../dev/http-server.ts";

export interface CloudflareAccount {
  /** Deployed Workers, with the names of their secrets. */
  readonly workers: Map<string, string[]>;
  readonly queues: readonly string[];
  /** Whether the settings of its queues can be changed. */
  readonly changesQueues?: boolean;
}

export interface CloudflareApi {
  readonly url: string;
  /** Workers as they were uploaded, in order, each with the secrets that came along. */
  readonly uploads: { readonly worker: string; readonly secrets: Record<string, string> }[];
  /** Settings that queues were given, by name. */
  readonly settings: ReadonlyMap<string, unknown>;
  close(): Promise<void>;
}

/** The part of Cloudflare's API that a deployment by wrangler uses, for an account of our making. */
export async function startCloudflareApi({
  workers,
  queues,
  changesQueues = true,
}: CloudflareAccount): Promise<CloudflareApi> {
  const settings = new Map<string, unknown>();
  const uploads: { worker: string; secrets: Record<string, string> }[] = [];

  const answer = async (method: string, url: URL, body: Response): Promise<unknown> => {
    const [, , , kind, collection, name = "", part] = url.pathname.split("/");
    if (kind === "queues" && method === "PATCH") {
      if (!changesQueues) return undefined;
      settings.set(collection ?? "", ((await body.json()) as { settings: unknown }).settings);
      return {};
    }
    if (kind === "queues") {
      const asked = url.searchParams.getAll("name");
      return queues
        .filter((queue) => asked.length === 0 || asked.includes(queue))
        .map((queue) => ({
          queue_id: queue,
          queue_name: queue,
          producers: [],
          consumers: [],
          settings: DEFAULTS,
        }));
    }
    if (url.pathname.endsWith("/subdomain"))
      return { subdomain: "acme", enabled: true, previews_enabled: false };
    if (collection === "workers")
      return { id: name, name, subdomain: { enabled: true, previews_enabled: false } };
    if (collection === "services") return workers.has(name) ? service(name) : undefined;
    if (part === "secrets")
      return workers.get(name)?.map((secret) => ({ name: secret, type: "secret_text" }));
    if (part === "assets-upload-session") return { jwt: "session", buckets: [] };
    if (part === "settings") return { bindings: [] };
    if (part === "deployments") return { deployments: [] };
    if (method === "PUT" && part === undefined) {
      uploads.push({ worker: name, secrets: secretsOf(await body.formData()) });
      return { id: name, etag: "1", startup_time_ms: 5, entry_point: "worker.js" };
    }
    return {};
  };

  const { url, close } = await startHttpServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const url = new URL(request.url ?? "/", "http://cloudflare.test");
    const body = new Response(Buffer.concat(chunks), {
      headers: { "Content-Type": request.headers["content-type"] ?? "" },
    });
    const result = await answer(request.method ?? "GET", url, body);
    const errors = result === undefined ? [{ code: 10007, message: "This Worker does not exist." }] : [];
    const result_info = { page: 1, per_page: 100, count: 1, total_count: 1, total_pages: 1 };
    response.writeHead(result === undefined ? 404 : 200, { "Content-Type": "application/json" });
    response.end(
      JSON.stringify({ success: result !== undefined, errors, messages: [], result, result_info }),
    );
  });
  return {
    url,
    uploads,
    settings,
    close,
  };
}

/** Of a queue that was made without being told. */
const DEFAULTS = { delivery_delay: 3, message_retention_period: 345_600 };

/** Of the upload's part that describes the Worker. */
function secretsOf(upload: FormData): Record<string, string> {
  const { bindings } = JSON.parse(String(upload.get("metadata"))) as {
    bindings: { type: string; name: string; text: string }[];
  };
  return Object.fromEntries(
    bindings.filter(({ type }) => type === "secret_text").map(({ name, text }) => [name, text]),
  );
}

const service = (id: string) => ({ id, default_environment: { environment: "production", script: {} } });
