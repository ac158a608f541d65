import { http, HttpResponse } from "msw";
import { describe, expect, it } from "vitest";
import { server } from "../test/server";
import { request, shopNow } from "./client";
import { ApiProblem, inWords, NoAnswer } from "./problems";

const URL = "http://shop.test/api/v1/thing";

function answers(...given: (() => Response)[]): () => number {
  let asked = 0;
  server.use(
    http.all(URL, () => {
      asked += 1;
      return (given[asked - 1] ?? given.at(-1) ?? nothing)();
    }),
  );
  return () => asked;
}

const nothing = () => HttpResponse.error();
const fine = () => HttpResponse.json({ fine: true });
const status = (code: number) => () => HttpResponse.json({ code: "x", title: "X", detail: "Y" }, { status: code });

describe("what is repeated", () => {
  it("a GET without an answer", async () => {
    const asked = answers(nothing, nothing, fine);
    await expect(request("/thing")).resolves.toEqual({ fine: true });
    expect(asked()).toBe(3);
  });

  it("a POST with a key, after a failure that may pass", async () => {
    const asked = answers(status(503), status(429), nothing, fine);
    await request("/thing", { method: "POST", idempotencyKey: "key-12345" });
    expect(asked()).toBe(4);
  });

  it("never a POST without a key", async () => {
    const asked = answers(nothing, fine);
    await expect(request("/thing", { method: "POST" })).rejects.toBeInstanceOf(NoAnswer);
    expect(asked()).toBe(1);
  });

  it.each([400, 402, 404, 409, 410, 422])("never a refusal with status %i", async (code) => {
    const asked = answers(status(code), fine);
    await expect(request("/thing", { method: "POST", idempotencyKey: "key-12345" })).rejects.toBeInstanceOf(ApiProblem);
    expect(asked()).toBe(1);
  });

  it("a request that the shop still works on", async () => {
    const busy = () => HttpResponse.json({ code: "request_in_flight" }, { status: 409 });
    const asked = answers(busy, busy, fine);
    await request("/thing", { method: "POST", idempotencyKey: "key-12345" });
    expect(asked()).toBe(3);
  });
});

it("takes an answer that was cut off for none", async () => {
  answers(() => new HttpResponse('{"id": "ord_', { headers: { "Content-Type": "application/json" } }));
  await expect(request("/thing")).rejects.toBeInstanceOf(NoAnswer);
});

it("reads a problem document, and makes sense of a page that is none", async () => {
  answers(() =>
    HttpResponse.json(
      { code: "cart_changed", title: "T", detail: "D", errors: [{ field: "a", message: "b" }, "nonsense"] },
      { status: 409 },
    ),
  );
  await expect(request("/thing")).rejects.toMatchObject({
    code: "cart_changed",
    detail: "D",
    errors: [{ field: "a", message: "b" }],
  });
  answers(() => new HttpResponse("<h1>Bad gateway</h1>", { status: 404 }));
  await expect(request("/thing")).rejects.toMatchObject({ code: "http_404", status: 404 });
});

it("counts time by the shop's clock", async () => {
  const ahead = new Date(Date.now() + 3_600_000).toUTCString();
  answers(() => HttpResponse.json({}, { headers: { Date: ahead } }));
  await request("/thing");
  expect(shopNow() - Date.now()).toBeGreaterThan(3_590_000);
  answers(() => HttpResponse.json({}, { headers: { Date: new Date().toUTCString() } }));
  await request("/thing");
  expect(Math.abs(shopNow() - Date.now())).toBeLessThan(2000);
});

it("never shows the buyer an inner message", () => {
  expect(inWords(new TypeError("undefined is not a function"))).toMatch(/^Something unexpected/);
  expect(inWords(new ApiProblem(500, "x", "Server Error", "KeyError at line 3"))).not.toContain("KeyError");
  expect(inWords(new ApiProblem(409, "x", "Title", "The cart is empty."))).toBe("The cart is empty.");
});
