import { expect, it } from "vitest";
import { formatMoney } from "./money";

it.each([
  [123450, "EUR", "€1,234.50"],
  [5, "EUR", "€0.05"],
  [0, "EUR", "€0.00"],
  [-1205, "GBP", "-£12.05"],
  [1500, "JPY", "JP¥1,500"],
  [12345, "KWD", "KWD\u00a012.345"],
  // More than a double can hold to the cent: shown digit by digit all the same.
  [9007199254740991, "USD", "US$90,071,992,547,409.91"],
])("shows %i minor units of %s as %s", (amount, currency, shown) => {
  expect(formatMoney(amount, currency)).toBe(shown);
});

it.each([1.5, Number.NaN, 2 ** 60])("refuses %d, which is no number of minor units", (amount) => {
  expect(() => formatMoney(amount, "EUR")).toThrow(RangeError);
});
