/**
 * Every problem that the API may answer. `code` is part of the stable API; titles and details may change.
 * Shapes: RFC 9457 problem details.
 */
import { UNAVAILABLE_RETRY_SECONDS } from "./limits.ts";

const PROBLEMS = {
  malformed_json: [400, "The body is not well-formed JSON"],
  malformed_body: [400, "The body cannot be read"],
  unsupported_grant_type: [400, "This grant type is not supported"],
  invalid_request: [400, "The request is malformed"],
  unauthenticated: [401, "Valid credentials are required"],
  invalid_grant: [401, "The username or password is wrong"],
  invalid_client: [401, "The client id or secret is wrong"],
  wrong_password: [403, "The current password is wrong"],
  insecure_transport: [403, "HTTPS is required"],
  forbidden: [403, "These credentials do not allow this"],
  not_found: [404, "There is nothing here"],
  method_not_allowed: [405, "This method is not allowed here"],
  conflict: [409, "The request conflicts with the current state"],
  name_taken: [409, "This name is taken"],
  active_set_too_costly: [409, "The active campaigns would take too much work for each event"],
  not_replayable: [409, "This dead letter holds no event that can be read"],
  precondition_failed: [412, "The resource has changed since it was read"],
  body_too_large: [413, "The body is too large"],
  unsupported_media_type: [415, "This content type is not supported"],
  invalid: [422, "The request is well-formed but invalid"],
  precondition_required: [428, "If-Match with the resource's ETag is required"],
  throttled: [429, "Too many requests"],
  internal: [500, "Something went wrong on our side"],
  unavailable: [503, "The service cannot answer right now"],
  overloaded: [503, "The service has more to do than it can right now"],
  queue_unavailable: [503, "Events cannot be accepted right now"],
} as const satisfies Record<string, readonly [status: number, title: string]>;

export type ProblemCode = keyof typeof PROBLEMS;

/** One field at fault. `pointer` is a JSON pointer (RFC 6901) into the body, or `/name` of a parameter. */
export interface FieldError {
  readonly pointer: string;
  readonly code: string;
  readonly message: string;
}

/** What is wrong with an input, as far as an answer names it. */
export interface Faults {
  readonly errors: readonly FieldError[];
  /** How many faults there are beside these. */
  readonly more: number;
}

/** Faults as members of an answer. */
export const namedFaults = ({ errors, more }: Faults) => ({
  errors: [...errors],
  ...(more === 0 ? {} : { more_errors: more }),
});

interface ProblemOptions {
  /** For people; never holds a secret, a value of an event or a cause of a 5xx. */
  readonly detail?: string;
  readonly errors?: readonly FieldError[];
  /** How many faults there are beside these. */
  readonly more?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Additional members. */
  readonly extensions?: Readonly<Record<string, unknown>>;
}

/** Thrown in the API layer and turned into an answer in one place (`api/app.ts`). */
export class HttpProblem extends Error {
  readonly code: ProblemCode;
  readonly options: ProblemOptions;

  constructor(code: ProblemCode, options: ProblemOptions = {}) {
    super(code);
    this.name = "HttpProblem";
    this.code = code;
    this.options = options;
  }
}

/** That the database, or what else a request depends on, did not answer. */
export const unavailable = (): HttpProblem =>
  new HttpProblem("unavailable", { headers: { "Retry-After": String(UNAVAILABLE_RETRY_SECONDS) } });

/** The RFC 9457 document of a problem. */
export function problemDocument(problem: HttpProblem, requestId: string) {
  const [status, title] = PROBLEMS[problem.code];
  const { detail, errors, more = 0, extensions } = problem.options;
  return {
    type: `urn:campaign-manager:problem:${problem.code}`,
    title,
    status,
    code: problem.code,
    ...(detail === undefined ? {} : { detail }),
    request_id: requestId,
    ...(errors === undefined ? {} : namedFaults({ errors, more })),
    ...extensions,
  };
}
