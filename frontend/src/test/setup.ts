import "@testing-library/jest-dom/vitest";
import { cleanup } from "@testing-library/react";
import { afterAll, afterEach, beforeAll, beforeEach } from "vitest";
import { retryPolicy } from "../api/client";
import { lookUpPolicy } from "../checkout/useCheckout";
import { server, shop } from "./server";

beforeAll(() => {
  server.listen({ onUnhandledRequest: "error" });
});
beforeEach(() => {
  retryPolicy.delaysMs = [1, 1, 1];
  lookUpPolicy.delaysMs = [0, 5];
  shop.reset();
  sessionStorage.clear();
  localStorage.clear();
  document.cookie = "csrftoken=token-of-the-test";
  window.history.replaceState(null, "", "/checkout/");
});
afterEach(() => {
  cleanup();
  server.resetHandlers();
});
afterAll(() => {
  server.close();
});
