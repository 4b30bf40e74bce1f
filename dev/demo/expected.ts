/**
 * What every campaign of the demo must match, counted independently in plain TypeScript. These filters share no code
 * with the rule language, so that an error there does not repeat itself here.
 */
import type { DeliveredEvent } from "./deliveries.ts";

/** The part of GitHub's payloads that the filters read. */
interface Payload {
  action?: string;
  sender?: { type: string; site_admin: boolean };
  organization?: { login?: string };
  repository?: {
    private?: boolean;
    archived?: boolean;
    created_at?: string | number;
    open_issues_count?: number;
    license?: { key: string } | null;
  };
  issue?: { title?: string; labels?: { name: string }[] };
  pull_request?: {
    labels?: { name: string }[];
    mergeable_state?: string;
    changed_files?: number;
    review_comments?: number;
    draft?: boolean;
  };
  alert?: {
    state?: string;
    fixed_in?: string;
    security_advisory?: { vulnerabilities: Vulnerability[] };
  };
  security_advisory?: { vulnerabilities: Vulnerability[] };
  workflow_job?: { labels?: string[]; steps?: { conclusion: string | null; number: number }[] };
  workflow_run?: { conclusion?: string | null };
  check_run?: { conclusion?: string | null };
  comment?: { body?: string; path?: string | null };
  commits?: { added?: string[] }[];
  discussion?: { locked: boolean };
  sponsorship?: { tier: { monthly_price_in_dollars: number } };
  marketplace_purchase?: { plan: { monthly_price_in_cents: number } };
  installation?: {
    permissions?: { contents?: string };
    events?: string[];
    suspended_at?: string | null;
  };
  package?: {
    package_version?: { container_metadata?: { labels?: { all_labels?: Record<string, string> } } };
  };
}

interface Vulnerability {
  package: { ecosystem: string };
  first_patched_version: { identifier: string } | null;
}

type Filter = (payload: Payload, event: DeliveredEvent) => boolean;

const MINUTE_MS = 60_000;
const YEAR_MS = 365 * 24 * 60 * MINUTE_MS;

/** How old the repository was, in milliseconds; NaN when the delivery does not say, or says it in seconds. */
function repositoryAge({ repository }: Payload, { time }: DeliveredEvent): number {
  return typeof repository?.created_at === "string"
    ? Date.parse(time) - Date.parse(repository.created_at)
    : Number.NaN;
}

const filters: { readonly [campaign: string]: Filter } = {
  "A person at work in the open": ({ action, repository, sender }) =>
    sender?.type === "User" &&
    repository?.private === false &&
    action !== "deleted" &&
    action !== "locked" &&
    action !== "privatized",

  "Bug on a public repository": ({ action, issue, pull_request, repository }, { type }) =>
    (type === "github.issues" || type === "github.pull_request") &&
    ["opened", "reopened", "labeled"].includes(action ?? "") &&
    [...(issue?.labels ?? []), ...(pull_request?.labels ?? [])].some((label) => label.name === "bug") &&
    repository?.private === false,

  "First minute of a new repository": (payload, event) => {
    const age = repositoryAge(payload, event);
    return age >= 0 && age <= MINUTE_MS;
  },

  "Veteran repository, still busy": (payload, event) =>
    repositoryAge(payload, event) > YEAR_MS &&
    (payload.repository?.open_issues_count ?? 0) > 1 &&
    payload.repository?.archived !== true,

  "Security alert nobody has handled": ({ action, alert }, { type }) => {
    const alerts = ["dependabot_alert", "code_scanning_alert", "repository_vulnerability_alert"];
    if (![...alerts, "security_advisory"].some((name) => type === `github.${name}`)) return false;
    const handled = alert?.state === "fixed" || alert?.state === "dismissed";
    return !handled && action !== "dismiss" && action !== "resolve" && action !== "withdrawn";
  },

  "Vulnerable package to upgrade": ({ alert, security_advisory }) =>
    (security_advisory?.vulnerabilities ?? []).some(
      ({ package: { ecosystem }, first_patched_version }) =>
        (ecosystem === "npm" || ecosystem === "pip") && first_patched_version !== null,
    ) ||
    (alert?.security_advisory?.vulnerabilities ?? []).some(
      ({ first_patched_version }) => first_patched_version?.identifier.split(".")[0] === "2",
    ) ||
    isRelease(alert?.fixed_in),

  "Build needs a human": ({ workflow_job, check_run, workflow_run }) =>
    (workflow_job?.steps ?? []).some((step) => step.conclusion === "failure" && step.number < 10) ||
    check_run?.conclusion === "failure" ||
    check_run?.conclusion === "neutral" ||
    workflow_run?.conclusion === "action_required",

  "Job on our own machines": ({ workflow_job }) =>
    (workflow_job?.labels ?? []).some((label) => label === "self-hosted" || label === "gpu"),

  "Small pull request, ready to merge": ({ action, pull_request: pull }) =>
    pull?.mergeable_state === "clean" &&
    (pull.changed_files ?? Number.POSITIVE_INFINITY) <= 3 &&
    pull.review_comments === 0 &&
    pull.draft !== true &&
    action !== "closed" &&
    action !== "locked" &&
    action !== "unassigned",

  "Kind words in a comment": ({ action, comment }) => {
    const body = comment?.body?.toLowerCase() ?? "";
    const kind = body.includes("good change") || body.indexOf("you are totally right") === 0;
    return action === "created" && kind && !body.includes("today");
  },

  "Someone tends the documentation": ({ action, comment, commits, issue }, { type }) =>
    isMarkdown(comment?.path) ||
    (commits ?? []).some((commit) => (commit.added ?? []).some(isMarkdown)) ||
    type === "github.gollum" ||
    (issue?.title?.toUpperCase().includes("README") === true &&
      (action === "opened" || action === "closed" || action === "edited")),

  "Customer who pays monthly": ({ action, sponsorship, marketplace_purchase }) => {
    if (action === "cancelled") return false;
    const dollars = sponsorship?.tier.monthly_price_in_dollars ?? 0;
    return (
      (dollars >= 5 && dollars <= 50) || (marketplace_purchase?.plan.monthly_price_in_cents ?? 0) >= 1000
    );
  },

  "Open discussion, spring 2021": ({ discussion }, { time, type }) =>
    (type === "github.discussion" || type === "github.discussion_comment") &&
    Date.parse(time) > Date.UTC(2021, 2, 1) &&
    Date.parse(time) < Date.UTC(2021, 4, 31, 22) &&
    discussion?.locked === false,

  "App that may write to repositories": ({ installation }) =>
    installation?.permissions?.contents === "write" &&
    (installation.events ?? []).some((name) => name === "push" || name === "pull_request") &&
    (installation.suspended_at ?? null) === null,

  "Organisation without a repository": ({ organization, repository, sender }) =>
    organization?.login !== undefined && repository === undefined && sender?.type !== "Organization",

  "Staff or a bot at work": ({ sender }, { subject }) =>
    sender?.site_admin === true || subject === undefined || subject.slice(-5) === "[bot]",

  "Free software, or a nightly image of it": ({ repository, package: published }) =>
    ["mit", "isc", "gpl-3.0"].some((key) => key === repository?.license?.key) ||
    published?.package_version?.container_metadata?.labels?.all_labels?.[
      "org.opencontainers.image.version"
    ] === "nightly",
};

const isMarkdown = (path: string | null | undefined) => path?.split(".").at(-1)?.toLowerCase() === "md";

/** Three numbers with dots between them. */
const isRelease = (version: string | undefined) =>
  version?.split(".").length === 3 && version.split(".").every((part) => part !== "" && Number(part) >= 0);

/**
 * The ids of the events that the campaign of this name must match, sorted.
 * @throws when the demo has no such campaign.
 */
export function expectedMatches(campaign: string, events: readonly DeliveredEvent[]): string[] {
  const filter = filters[campaign];
  if (filter === undefined) throw new Error(`No independent filter for the campaign "${campaign}".`);
  return events
    .filter((event) => filter(event.data as Payload, event))
    .map((event) => event.id)
    .sort();
}
