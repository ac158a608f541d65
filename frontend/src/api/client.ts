import { ApiProblem, NoAnswer, type FieldProblem } from "./problems";

/**
 * One request to our API, repeated where repeating is safe.
 *
 * A GET may always be repeated. A POST is repeated only with its Idempotency-Key, always the same one, so the shop
 * carries it out at most once however often it arrives.
 */

const BASE = "/api/v1";
const TIMEOUT_MS = 20_000;
/** Waits between attempts. Tests shorten them. */
export const retryPolicy = { delaysMs: [400, 1200, 3000] };

export interface RequestOptions {
  method?: "GET" | "POST";
  body?: unknown;
  idempotencyKey?: string;
  signal?: AbortSignal;
}

/** The shop's clock minus ours, in milliseconds, from its last answer: countdowns must not trust the buyer's clock. */
let clockOffsetMs = 0;

export function shopNow(): number {
  return Date.now() + clockOffsetMs;
}

export async function request<T>(path: string, options: RequestOptions = {}): Promise<T> {
  const mayRepeat = (options.method ?? "GET") === "GET" || options.idempotencyKey !== undefined;
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await once<T>(path, options);
    } catch (error) {
      const delay = retryPolicy.delaysMs[attempt];
      if (!mayRepeat || delay === undefined || options.signal?.aborted || !isPassing(error)) throw error;
      const asked = error instanceof ApiProblem ? error.retryAfterMs : null;
      await pause(Math.min(asked ?? delay, 10_000));
    }
  }
}

/** True for failures that the same request, sent again with the same key, may not meet. */
function isPassing(error: unknown): boolean {
  if (error instanceof NoAnswer) return true;
  if (!(error instanceof ApiProblem)) return false;
  return error.code === "request_in_flight" || error.status === 429 || [500, 502, 503, 504].includes(error.status);
}

async function once<T>(path: string, options: RequestOptions): Promise<T> {
  const method = options.method ?? "GET";
  const headers: Record<string, string> = { Accept: "application/json" };
  if (method !== "GET") {
    headers["X-CSRFToken"] = cookie("csrftoken");
    headers["Content-Type"] = "application/json";
  }
  if (options.idempotencyKey !== undefined) headers["Idempotency-Key"] = options.idempotencyKey;
  const timeout = AbortSignal.timeout(TIMEOUT_MS);
  let response: Response;
  let text: string;
  try {
    response = await fetch(new URL(BASE + path, window.location.origin), {
      method,
      headers,
      credentials: "same-origin",
      cache: "no-store",
      signal: options.signal ? AbortSignal.any([options.signal, timeout]) : timeout,
      ...(method === "GET" ? {} : { body: JSON.stringify(options.body ?? {}) }),
    });
    text = await response.text();
  } catch (error) {
    throw new NoAnswer(error);
  }
  readClock(response);
  const data = parsed(text);
  if (!response.ok) throw problemOf(response, data);
  if (data === undefined) throw new NoAnswer(new SyntaxError("The answer was cut off."));
  return data as T;
}

function problemOf(response: Response, data: unknown): ApiProblem {
  const body: Record<string, unknown> = isRecord(data) ? data : {};
  const retryAfter = Number(response.headers.get("Retry-After"));
  return new ApiProblem(
    response.status,
    textOf(body["code"]) || `http_${String(response.status)}`,
    textOf(body["title"]),
    textOf(body["detail"]),
    Array.isArray(body["errors"]) ? body["errors"].filter(isFieldProblem) : [],
    retryAfter > 0 ? retryAfter * 1000 : null,
  );
}

function readClock(response: Response): void {
  const at = Date.parse(response.headers.get("Date") ?? "");
  // The header is in whole seconds, so a smaller difference means nothing.
  if (!Number.isNaN(at)) clockOffsetMs = Math.abs(at - Date.now()) < 2000 ? 0 : at - Date.now();
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isFieldProblem(value: unknown): value is FieldProblem {
  return isRecord(value) && typeof value["field"] === "string" && typeof value["message"] === "string";
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function cookie(name: string): string {
  const found = document.cookie.split("; ").find((pair) => pair.startsWith(`${name}=`));
  return found ? decodeURIComponent(found.slice(name.length + 1)) : "";
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
