/** What can go wrong when the shop is asked for something. Two kinds, because the buyer can do different things about them. */

export interface FieldProblem {
  field: string;
  message: string;
}

/** The shop answered, and refused (RFC 9457 problem document). Nothing was changed by this request. */
export class ApiProblem extends Error {
  override readonly name = "ApiProblem";

  constructor(
    readonly status: number,
    readonly code: string,
    readonly title: string,
    readonly detail: string,
    readonly errors: readonly FieldProblem[] = [],
    /** How long the shop asks us to wait before the same request, in milliseconds. */
    readonly retryAfterMs: number | null = null,
  ) {
    super(detail || title);
  }
}

/** No usable answer came. Whether the request was carried out is unknown, so it may only be repeated with the same key. */
export class NoAnswer extends Error {
  override readonly name = "NoAnswer";

  constructor(cause: unknown) {
    super("The shop could not be reached.", { cause });
  }
}

/** Words for the buyer. The shop's own sentence is used where it has one. */
export function inWords(error: unknown): string {
  if (error instanceof ApiProblem) {
    if (error.status === 429) return "There were too many requests in a short time. Please wait a minute and try again.";
    if (error.status >= 500) return "The shop has a problem at the moment. Nothing was charged. Please try again shortly.";
    return error.detail || error.title || "The shop refused this request.";
  }
  if (error instanceof NoAnswer) {
    return "We could not reach the shop. Check your connection and try again: trying again can't charge you twice.";
  }
  return "Something unexpected happened on this page. Nothing was charged by it. Please reload and try again.";
}
