import { expect, it } from "vitest";
import { parseMoney, typedMoney } from "./parseMoney";

it.each([
  ["25", "EUR", 2500],
  ["25.5", "EUR", 2550],
  ["0,05", "EUR", 5],
  ["1500", "JPY", 1500],
  ["1.250", "KWD", 1250],
  [" 7 ", "KWD", 7000],
])("%s %s is %d minor units", (text, currency, minor) => {
  expect(parseMoney(text, currency)).toBe(minor);
});

it.each([["", "EUR"], ["-1", "EUR"], ["1.234", "EUR"], ["1.5", "JPY"], ["1e3", "EUR"], ["1,000.00", "EUR"], ["ten", "EUR"]])(
  "%s %s is no amount",
  (text, currency) => {
    expect(parseMoney(text, currency)).toBeNull();
  },
);

it.each([[1250, "EUR", "12.50"], [5, "EUR", "0.05"], [1500, "JPY", "1500"], [1250, "KWD", "1.250"]])("%d %s is typed %s", (minor, currency, text) => {
  expect(typedMoney(minor, currency)).toBe(text);
  expect(parseMoney(text, currency)).toBe(minor);
});
