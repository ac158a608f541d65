import { http, HttpResponse, type JsonBodyType } from "msw";
import { setupServer } from "msw/node";
import * as data from "./data";

/** The shop's API as the tests need it: what it will answer, and what it was asked. */

export interface Asked {
  what: string;
  key: string | null;
  csrf: string | null;
  body: unknown;
}

type Answer = () => Response | Promise<Response>;

const BASE = "http://shop.test/api/v1";

export function ok(body: unknown, status = 200): Answer {
  return () => HttpResponse.json(body as JsonBodyType, { status });
}

export function problem(status: number, code: string, detail = "", more: Record<string, unknown> = {}): Answer {
  return () =>
    HttpResponse.json(
      { type: `/problems/${code}`, title: code, status, code, detail, ...more },
      { status, headers: { "Content-Type": "application/problem+json" } },
    );
}

/** The request may have been carried out; its answer never arrives. */
export const lost: Answer = () => HttpResponse.error();

type What = "config" | "cart" | "create" | "get" | "confirm" | "settle" | "cancel" | "hosted" | "methods" | "setup" | "complete";

class Shop {
  asked: Asked[] = [];
  private answers = new Map<What, Answer[]>();

  /** Answers in order; the last one is repeated. */
  will(what: What, ...answers: Answer[]): void {
    this.answers.set(what, answers);
  }

  reset(): void {
    this.asked = [];
    this.answers.clear();
    this.will("config", ok(data.config));
    this.will("cart", ok(data.cart));
    this.will("create", ok(data.checkout(), 201));
    this.will("get", ok(data.checkout()));
    this.will("confirm", ok(data.checkout({ payment: data.payment("requires_payment_method") })));
    this.will("settle", ok(data.checkout({ status: "paid", payment: data.payment("succeeded") })));
    this.will("methods", ok({ consent_text: data.CONSENT, methods: [] }));
    this.will("cancel", ok(data.checkout({ status: "canceled" })));
  }

  times(what: What): Asked[] {
    return this.asked.filter((asked) => asked.what === what);
  }

  async answer(what: What, request: Request): Promise<Response> {
    const text = await request.text();
    this.asked.push({
      what,
      key: request.headers.get("Idempotency-Key"),
      csrf: request.headers.get("X-CSRFToken"),
      body: text === "" ? null : (JSON.parse(text) as unknown),
    });
    const waiting = this.answers.get(what) ?? [];
    const next = waiting.length > 1 ? waiting.shift() : waiting[0];
    if (!next) throw new Error(`The test has no answer to ${what}.`);
    return next();
  }
}

export const shop = new Shop();

const one = `${BASE}/checkouts/:id`;
export const server = setupServer(
  http.get(`${BASE}/config`, ({ request }) => shop.answer("config", request)),
  http.get(`${BASE}/cart`, ({ request }) => shop.answer("cart", request)),
  http.post(`${BASE}/checkouts`, ({ request }) => shop.answer("create", request)),
  http.get(one, ({ request }) => shop.answer("get", request)),
  http.post(`${one}/confirm`, ({ request }) => shop.answer("confirm", request)),
  http.post(`${one}/settle`, ({ request }) => shop.answer("settle", request)),
  http.post(`${BASE}/checkout/sessions`, ({ request }) => shop.answer("hosted", request)),
  http.get(`${BASE}/payment-methods`, ({ request }) => shop.answer("methods", request)),
  http.post(`${BASE}/payment-methods/setups`, ({ request }) => shop.answer("setup", request)),
  http.post(`${BASE}/payment-methods/setups/:id/complete`, ({ request }) => shop.answer("complete", request)),
  http.post(`${one}/cancel`, ({ request }) => shop.answer("cancel", request)),
);
