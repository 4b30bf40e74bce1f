/**
 * The campaigns of the demo: what a team that lives on GitHub might want to hear about. Between them they use
 * every group and every operator of the rule language, on fields as GitHub really sends them.
 */
import type { Rule } from "../../src/rules/language/schema.ts";

export interface DemoCampaign {
  readonly name: string;
  readonly rule: Rule;
}

const IMAGE_LABELS = "data.package.package_version.container_metadata.labels.all_labels";

export const campaigns: readonly DemoCampaign[] = [
  {
    name: "A person at work in the open",
    rule: {
      and: [
        { field: "data.sender.type", operator: "equals", value: "User" },
        { field: "data.repository.private", operator: "equals", value: false },
        { not: { field: "data.action", operator: "in", value: ["deleted", "locked", "privatized"] } },
      ],
    },
  },
  {
    name: "Bug on a public repository",
    rule: {
      and: [
        { field: "type", operator: "in", value: ["github.issues", "github.pull_request"] },
        { field: "data.action", operator: "in", value: ["opened", "reopened", "labeled"] },
        {
          or: [
            { field: "data.issue.labels.name", operator: "equals", value: "bug" },
            { field: "data.pull_request.labels.name", operator: "equals", value: "bug" },
          ],
        },
        { field: "data.repository.private", operator: "equals", value: false },
      ],
    },
  },
  {
    name: "First minute of a new repository",
    rule: { field: "data.repository.created_at", operator: "within_last", value: "1m" },
  },
  {
    name: "Veteran repository, still busy",
    rule: {
      and: [
        { field: "data.repository.created_at", operator: "older_than", value: "365d" },
        { field: "data.repository.open_issues_count", operator: "greater_than", value: 1 },
        { field: "data.repository.archived", operator: "not_equals", value: true },
      ],
    },
  },
  {
    name: "Security alert nobody has handled",
    rule: {
      and: [
        { field: "type", operator: "matches", value: "(_alert|\\.security_advisory)$" },
        { field: "data.alert.state", operator: "not_in", value: ["fixed", "dismissed"] },
        { field: "data.action", operator: "not_in", value: ["dismiss", "resolve", "withdrawn"] },
      ],
    },
  },
  {
    name: "Vulnerable package to upgrade",
    rule: {
      or: [
        {
          some: "data.security_advisory.vulnerabilities",
          where: {
            and: [
              { field: "package.ecosystem", operator: "in", value: ["npm", "pip"] },
              { field: "first_patched_version.identifier", operator: "exists" },
            ],
          },
        },
        {
          some: "data.alert.security_advisory.vulnerabilities",
          where: { field: "first_patched_version.identifier", operator: "starts_with", value: "2." },
        },
        { field: "data.alert.fixed_in", operator: "matches", value: "^\\d+\\.\\d+\\.\\d+$" },
      ],
    },
  },
  {
    name: "Build needs a human",
    rule: {
      or: [
        {
          some: "data.workflow_job.steps",
          where: {
            and: [
              { field: "conclusion", operator: "equals", value: "failure" },
              { field: "number", operator: "less_than", value: 10 },
            ],
          },
        },
        { field: "data.check_run.conclusion", operator: "in", value: ["failure", "neutral"] },
        { field: "data.workflow_run.conclusion", operator: "equals", value: "action_required" },
      ],
    },
  },
  {
    name: "Job on our own machines",
    rule: {
      some: "data.workflow_job.labels",
      where: { field: ".", operator: "in", value: ["self-hosted", "gpu"] },
    },
  },
  {
    name: "Small pull request, ready to merge",
    rule: {
      and: [
        { field: "data.pull_request.mergeable_state", operator: "equals", value: "clean" },
        { field: "data.pull_request.changed_files", operator: "at_most", value: 3 },
        { field: "data.pull_request.review_comments", operator: "less_than", value: 1 },
        { field: "data.pull_request.draft", operator: "not_equals", value: true },
        { not: { field: "data.action", operator: "in", value: ["closed", "locked", "unassigned"] } },
      ],
    },
  },
  {
    name: "Kind words in a comment",
    rule: {
      and: [
        {
          or: [
            { field: "data.comment.body", operator: "contains", value: "GOOD CHANGE" },
            { field: "data.comment.body", operator: "starts_with", value: "you are totally right" },
          ],
        },
        { field: "data.comment.body", operator: "not_contains", value: "today" },
        { field: "data.action", operator: "equals", value: "created" },
      ],
    },
  },
  {
    name: "Someone tends the documentation",
    rule: {
      or: [
        { field: "data.comment.path", operator: "ends_with", value: ".md" },
        { field: "data.commits.added", operator: "ends_with", value: ".md" },
        { field: "type", operator: "equals", value: "github.gollum" },
        {
          and: [
            { field: "data.issue.title", operator: "contains", value: "readme" },
            { field: "data.action", operator: "in", value: ["opened", "closed", "edited"] },
          ],
        },
      ],
    },
  },
  {
    name: "Customer who pays monthly",
    rule: {
      and: [
        {
          or: [
            { field: "data.sponsorship.tier.monthly_price_in_dollars", operator: "between", value: [5, 50] },
            {
              field: "data.marketplace_purchase.plan.monthly_price_in_cents",
              operator: "at_least",
              value: 1_000,
            },
          ],
        },
        { not: { field: "data.action", operator: "starts_with", value: "cancel" } },
      ],
    },
  },
  {
    name: "Open discussion, spring 2021",
    rule: {
      and: [
        { field: "type", operator: "starts_with", value: "github.discussion" },
        { field: "time", operator: "after", value: "2021-03-01T00:00:00Z" },
        { field: "time", operator: "before", value: "2021-06-01T00:00:00+02:00" },
        { field: "data.discussion.locked", operator: "equals", value: false },
      ],
    },
  },
  {
    name: "App that may write to repositories",
    rule: {
      and: [
        { field: "data.installation.permissions.contents", operator: "equals", value: "write" },
        { field: "data.installation.events", operator: "in", value: ["push", "pull_request"] },
        { field: "data.installation.suspended_at", operator: "missing" },
      ],
    },
  },
  {
    name: "Organisation without a repository",
    rule: {
      and: [
        { field: "data.organization.login", operator: "exists" },
        { field: "data.repository", operator: "missing" },
        { field: "data.sender.type", operator: "not_equals", value: "Organization" },
      ],
    },
  },
  {
    name: "Staff or a bot at work",
    rule: {
      or: [
        { field: "data.sender.site_admin", operator: "equals", value: true },
        { field: "subject", operator: "ends_with", value: "[bot]" },
        { field: "subject", operator: "missing" },
      ],
    },
  },
  {
    name: "Free software, or a nightly image of it",
    rule: {
      or: [
        { field: "data.repository.license.key", operator: "in", value: ["mit", "isc", "gpl-3.0"] },
        {
          field: `${IMAGE_LABELS}.org\\.opencontainers\\.image\\.version`,
          operator: "equals",
          value: "nightly",
        },
      ],
    },
  },
];
