import { describe, expect, it } from "vitest";
import { encode, intentIdOf, intentOf } from "../../../sandbox/stripe/js/lib/api.js";
import { withOutcome } from "../../../sandbox/stripe/js/lib/challenge.js";
import * as rules from "../../../sandbox/stripe/js/elements/card-rules.js";

/** The pure parts of the sandbox's Stripe.js; the rest is played by the browser tests. */

const today = new Date(2026, 10, 21);
const code = (problem: { code: string } | null) => problem?.code ?? "good";

describe("card numbers", () => {
  it.each([
    ["4242424242424242", "visa", "4242 4242 4242 4242"],
    ["378282246310005", "amex", "3782 822463 10005"],
    ["5555555555554444", "mastercard", "5555 5555 5555 4444"],
    ["2223003122003222", "mastercard", "2223 0031 2200 3222"],
    ["6011111111111117", "discover", "6011 1111 1111 1117"],
    ["36227206271667", "diners", "3622 720627 1667"],
    ["3056930009020004", "diners", "3056 9300 0902 0004"],
    ["3566002020360505", "jcb", "3566 0020 2036 0505"],
    ["6200000000000005", "unionpay", "6200 0000 0000 0005"],
  ])("%s is %s and shown as %s", (number, brand, shown) => {
    expect(rules.brandOf(number).name).toBe(brand);
    expect(rules.formatNumber(number)).toBe(shown);
    expect(code(rules.numberProblem(number))).toBe("good");
  });

  it("are checked", () => {
    expect(code(rules.numberProblem("4242 4242 4242 424"))).toBe("incomplete_number");
    expect(code(rules.numberProblem("4242 4242 4242 4241"))).toBe("invalid_number");
  });

  it("keep the caret where the buyer types", () => {
    expect(rules.caretAfter("42425", 2, "4242 5")).toBe(2);
    expect(rules.caretAfter("42425", 5, "4242 5")).toBe(6);
  });
});

describe("expiry", () => {
  it.each([
    ["1", "1"],
    ["12", "12 / "],
    ["5", "05 / "],
    ["1/27", "01 / 27"],
    ["1234", "12 / 34"],
    ["12 / 2034", "12 / 34"],
    ["12/34", "12 / 34"],
  ])("%s is shown as %s", (typed, shown) => {
    expect(rules.formatExpiry(typed)).toBe(shown);
  });

  it("lets the slash be deleted", () => {
    expect(rules.formatExpiry("12 /", { isDeleting: true })).toBe("12");
  });

  it.each([
    ["12 / 26", "good"],
    ["11 / 26", "good"],
    ["10 / 26", "invalid_expiry_month_past"],
    ["12 / 25", "invalid_expiry_year_past"],
    ["13 / 30", "invalid_expiry_month"],
    ["12 / 90", "invalid_expiry_year"],
    ["12 / 3", "incomplete_expiry"],
  ])("%s is %s in November 2026", (typed, expected) => {
    expect(code(rules.expiryProblem(typed, today))).toBe(expected);
  });
});

it("asks for four figures of an American Express card and a postal code where banks check it", () => {
  expect(code(rules.codeProblem("123", "378282246310005"))).toBe("incomplete_cvc");
  expect(code(rules.codeProblem("123", "4242424242424242"))).toBe("good");
  expect(code(rules.postalCodeProblem("", "US"))).toBe("incomplete_zip");
  expect(code(rules.postalCodeProblem("", "PT"))).toBe("good");
});

it("sends nested parameters in Stripe's form encoding, without what is not given", () => {
  const form = encode({ a: { b: 1, c: null, d: undefined }, e: true });
  expect([...form]).toEqual([
    ["a[b]", "1"],
    ["e", "true"],
  ]);
});

it("reads the PaymentIntent's id from its secret and refuses what is no secret", () => {
  expect(intentIdOf("pi_1aB_secret_2cD")).toBe("pi_1aB");
  expect(() => intentIdOf("pi_1aB")).toThrow("Invalid client secret");
  expect(() => intentIdOf("../v1/charges_secret_x")).toThrow("Invalid client secret");
});

it("knows a SetupIntent by its secret", () => {
  expect(intentOf("seti_1aB_secret_2cD")).toEqual({ id: "seti_1aB", name: "setupIntent", path: "/v1/setup_intents/seti_1aB" });
  expect(intentOf("pi_1aB_secret_2cD").path).toBe("/v1/payment_intents/pi_1aB");
});

it("adds the outcome to the merchant's address", () => {
  const intent = { object: "payment_intent", id: "pi_1", client_secret: "pi_1_secret_2", status: "succeeded" };
  expect(withOutcome("http://shop.test/checkout/return/?order=ord_1", intent)).toBe(
    "http://shop.test/checkout/return/?order=ord_1&payment_intent=pi_1&payment_intent_client_secret=pi_1_secret_2&redirect_status=succeeded",
  );
});
