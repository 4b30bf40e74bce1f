import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { builtinModules } from "node:module";
import { fileURLToPath } from "node:url";
import { RE2JS } from "re2js";
import { describe, expect, test } from "vitest";
import { createApiKey } from "../../src/auth/api-keys.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const read = (file: string) => readFileSync(`${ROOT}${file}`, "utf8");

interface Manifest {
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
  readonly overrides: Readonly<Record<string, string>>;
  readonly allowScripts: Readonly<Record<string, boolean>>;
}
interface Locked {
  readonly version?: string;
  readonly integrity?: string;
  readonly link?: boolean;
  readonly resolved?: string;
  readonly hasInstallScript?: boolean;
}

const manifest: Manifest = JSON.parse(read("package.json"));
const locked: Readonly<Record<string, Locked>> = JSON.parse(read("package-lock.json")).packages;
const installed = Object.entries(locked).filter(([path]) => path !== "");
const nameOf = (path: string) => path.slice(path.lastIndexOf("node_modules/") + "node_modules/".length);
const EXACT = /^(npm:(@[\w.-]+\/)?[\w.-]+@)?\d+\.\d+\.\d+(-[\w.]+)?$/;

describe("what is installed", () => {
  const direct = { ...manifest.dependencies, ...manifest.devDependencies, ...manifest.overrides };

  test.each(Object.entries(direct))("%s is named at an exact version: %s", (_, version) => {
    expect(version).toMatch(EXACT);
  });

  test("is in the lock file with its hash, and from the registry alone", () => {
    const loose = installed.filter(
      ([, { integrity, link, resolved }]) =>
        link === true ||
        !/^sha512-/.test(integrity ?? "") ||
        (resolved !== undefined && !resolved.startsWith("https://registry.npmjs.org/")),
    );
    expect(loose.map(([path]) => path)).toEqual([]);
  });

  test("brings install scripts only where they are allowed, and no other is allowed", () => {
    const scripted = installed.filter(([, { hasInstallScript }]) => hasInstallScript === true);
    const allowed = Object.entries(manifest.allowScripts).filter(([, allows]) => allows);
    expect(new Set(scripted.map(([path]) => nameOf(path)))).toEqual(new Set(allowed.map(([name]) => name)));
  });

  test("is refused by npm itself when it brings another", () => {
    expect(read(".npmrc")).toMatch(/^strict-allow-scripts=true$/m);
  });
});

describe("docs/security/dependencies.md", () => {
  const documented = (heading: string) => {
    const section =
      read("docs/security/dependencies.md")
        .split(/^## /m)
        .find((part) => part.startsWith(heading)) ?? "";
    return [...section.matchAll(/^\| `([^`]+)` \| (.+) \|$/gm)].map(([, name, reason]) => ({ name, reason }));
  };

  test.each([
    ["Deployed", manifest.dependencies],
    ["On the developer's machine", manifest.devDependencies],
    ["Install scripts", manifest.allowScripts],
  ])("%s: names each package once, with a reason", (heading, packages) => {
    const rows = documented(heading);
    expect(rows.map(({ name }) => name).toSorted()).toEqual(Object.keys(packages).toSorted());
    expect(rows.filter(({ reason }) => (reason ?? "").length < 5)).toEqual([]);
  });
});

test("what is deployed imports nothing but the dependencies named as deployed", () => {
  const imported = new Set<string>();
  for (const file of readdirSync(`${ROOT}src`, { recursive: true, encoding: "utf8" })) {
    if (!file.endsWith(".ts") || file.endsWith(".d.ts")) continue;
    for (const [, specifier = ""] of read(`src/${file}`).matchAll(
      /^(?:import|export)\b[^;]*?from "([^"]+)";$/gms,
    )) {
      if (specifier.startsWith(".") || builtinModules.includes(specifier)) continue;
      imported.add(
        specifier
          .replace(/^#/, "") // package.json's imports, named like the package behind
          .split("/")
          .slice(0, specifier.startsWith("@") ? 2 : 1)
          .join("/"),
      );
    }
  }
  // Served as a file, not imported.
  expect([...imported, "swagger-ui-dist"].toSorted()).toEqual(Object.keys(manifest.dependencies).toSorted());
});

test("npm run sbom lists every package, and never marks what is deployed as development", () => {
  interface Component {
    readonly name: string;
    readonly version: string;
    readonly properties?: readonly { readonly name: string }[];
  }
  const bom: { readonly bomFormat: string; readonly components: readonly Component[] } = JSON.parse(
    execFileSync("npm", ["run", "--silent", "sbom"], { cwd: ROOT, encoding: "utf8" }),
  );
  expect(bom.bomFormat).toBe("CycloneDX");
  const isDevelopment = ({ properties = [] }: Component) =>
    properties.some(({ name }) => name === "cdx:npm:package:development");
  const marked = bom.components.filter(isDevelopment);
  expect(bom.components.map(({ name }) => name)).toEqual(
    expect.arrayContaining([...Object.keys(manifest.dependencies), ...Object.keys(manifest.devDependencies)]),
  );
  expect(marked.filter(({ name, version }) => manifest.dependencies[name] === version)).toEqual([]);
  expect(marked.map(({ name }) => name)).toEqual(expect.arrayContaining(["wrangler", "vitest", "sift"]));
});

describe("the public CI", () => {
  const workflows = readdirSync(`${ROOT}.github/workflows`).map((name) => read(`.github/workflows/${name}`));

  test("runs actions by commit alone", () => {
    const actions = workflows.flatMap((text) =>
      [...text.matchAll(/uses: *(\S+)/g)].map(([, action]) => action),
    );
    expect(actions.length).toBeGreaterThan(0);
    expect(actions.filter((action) => !/^[\w-]+\/[\w-]+@[0-9a-f]{40}$/.test(action ?? ""))).toEqual([]);
  });

  test("asks for advisories, signatures, the SBOM, and secrets in the whole history", () => {
    const steps = workflows.join("\n");
    for (const step of [
      "npm audit --audit",
      "npm audit signatures",
      "npm run --silent sbom",
      "gitleaks:v",
      "fetch-depth: 0",
    ]) {
      expect(steps).toContain(step);
    }
  });

  test("knows our own API keys when it looks for secrets", () => {
    const [, pattern = ""] =
      /id = "campaign-manager-api-key"[^[]*?regex = '''(.*?)'''/s.exec(read(".gitleaks.toml")) ?? [];
    const rule = RE2JS.compile(pattern);
    expect(rule.matcher(`key: "${createApiKey()}",`).find()).toBe(true);
    expect(rule.matcher("cm_live_…").find()).toBe(false);
  });
});
