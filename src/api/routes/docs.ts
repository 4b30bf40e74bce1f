import { z } from "@hono/zod-openapi";
import { HttpProblem } from "../../errors.ts";
import { DOCS_AGE_SECONDS_MAX } from "../../limits.ts";
import { route, routes } from "../route.ts";

const tags = ["Documentation"];
const CACHING = `public, max-age=${DOCS_AGE_SECONDS_MAX}`;

/** The files of swagger-ui-dist that the page needs, served by ourselves so that no third party learns who reads. */
const FILES: Readonly<Record<string, string>> = {
  "swagger-ui.css": "text/css; charset=utf-8",
  "swagger-ui-bundle.js": "text/javascript; charset=utf-8",
};

const START = `SwaggerUIBundle({ url: "/openapi.json", dom_id: "#docs", deepLinking: true, validatorUrl: null })`;

const page = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Campaign Manager API</title>
<link rel="stylesheet" href="/docs/swagger-ui.css">
</head>
<body>
<div id="docs"></div>
<script src="/docs/swagger-ui-bundle.js"></script>
<script src="/docs/start.js"></script>
</body>
</html>
`;

/** Only our own files; styles inline because the library sets them on elements. */
const PAGE_POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

/**
 * @param describe makes the OpenAPI document. It is called once, when somebody first reads the document: a document
 *   in the bundle would slow down every start.
 */
export function docs(describe: () => object) {
  let document: object | undefined;
  return routes()
    .openapi(
      route({
        method: "get",
        path: "/openapi.json",
        tags,
        summary: "This API as an OpenAPI 3.1 document",
        responses: {
          200: {
            description: "The document",
            content: { "application/json": { schema: z.looseObject({}) } },
          },
        },
      }),
      (c) => {
        c.header("Cache-Control", CACHING);
        document ??= describe();
        return c.json(document as Record<string, unknown>, 200);
      },
    )
    .openapi(
      route({
        method: "get",
        path: "/docs",
        tags,
        summary: "This API as a page for people",
        responses: { 200: { description: "The page", content: { "text/html": { schema: z.string() } } } },
      }),
      (c) => {
        c.header("Content-Security-Policy", PAGE_POLICY);
        c.header("Cache-Control", CACHING);
        return c.html(page);
      },
    )
    .openapi(
      route({
        method: "get",
        path: "/docs/{file}",
        tags,
        summary: "A file of the page",
        request: { params: z.object({ file: z.string() }) },
        responses: {
          200: {
            description: "The file",
            content: { "text/css": { schema: z.string() }, "text/javascript": { schema: z.string() } },
          },
        },
      }),
      async (c) => {
        const { file } = c.req.valid("param");
        c.header("Cache-Control", CACHING);
        if (file === "start.js")
          return c.body(START, 200, { "Content-Type": "text/javascript; charset=utf-8" });
        const type = FILES[file];
        if (type === undefined || !Object.hasOwn(FILES, file)) throw new HttpProblem("not_found");
        const asset = await c.env.assets.fetch(new URL(`/${file}`, c.req.url));
        if (!asset.ok) throw new Error(`the assets lack ${file}`);
        return c.body(await asset.arrayBuffer(), 200, { "Content-Type": type });
      },
    );
}
