/** Rules about card figures: brands, lengths, check digit, dates. Pure functions; texts in, texts or plain values out. */

/** First match wins. `groups` is how the digits are shown. Ranges after the schemes' published prefixes. */
const BRANDS = [
  { name: "amex", title: "American Express", prefix: /^3[47]/, lengths: [15], groups: [4, 6, 5], codeLength: 4 },
  { name: "diners", title: "Diners Club", prefix: /^3(?:0[0-5]|[689])/, lengths: [14, 16], groups: [4, 6, 4], codeLength: 3 },
  { name: "jcb", title: "JCB", prefix: /^35(?:2[89]|[3-8])/, lengths: [16], groups: [4, 4, 4, 4], codeLength: 3 },
  { name: "visa", title: "Visa", prefix: /^4/, lengths: [16], groups: [4, 4, 4, 4], codeLength: 3 },
  { name: "mastercard", title: "Mastercard", prefix: /^(?:5[1-5]|2(?:22[1-9]|2[3-9]|[3-6]|7[01]|720))/, lengths: [16], groups: [4, 4, 4, 4], codeLength: 3 },
  { name: "discover", title: "Discover", prefix: /^6(?:011|4[4-9]|5)/, lengths: [16], groups: [4, 4, 4, 4], codeLength: 3 },
  { name: "unionpay", title: "UnionPay", prefix: /^(?:62|81)/, lengths: [16, 17, 18, 19], groups: [4, 4, 4, 4, 3], codeLength: 3 },
];
const UNKNOWN = { name: "unknown", title: "", lengths: [16], groups: [4, 4, 4, 4], codeLength: 3 };

export const digitsOf = (text) => text.normalize("NFKC").replace(/\D/g, "");

export function brandOf(number) {
  const digits = digitsOf(number);
  return BRANDS.find(({ prefix }) => prefix.test(digits)) ?? UNKNOWN;
}

export function formatNumber(text) {
  const digits = digitsOf(text);
  const brand = brandOf(digits);
  const parts = [];
  let rest = digits.slice(0, Math.max(...brand.lengths));
  // Diners has two lengths with different groupings.
  const groups = brand.name === "diners" && rest.length > 14 ? [4, 4, 4, 4] : brand.groups;
  for (const size of groups) {
    if (rest === "") break;
    parts.push(rest.slice(0, size));
    rest = rest.slice(size);
  }
  return parts.join(" ");
}

/** "1226" -> "12 / 26"; a first digit above 1 can only be a month of one digit. */
export function formatExpiry(text, { isDeleting = false } = {}) {
  let digits = digitsOf(text).slice(0, 6);
  if (/^[2-9]/.test(digits)) digits = `0${digits}`;
  // "1/27": the slash says that the month is complete.
  if (digits.length >= 1 && /^\s*\d\s*\//.test(text) && digits[0] !== "0") digits = `0${digits}`;
  const year = digits.slice(2).length === 4 && digits.slice(2, 4) === "20" ? digits.slice(4) : digits.slice(2, 4);
  if (digits.length < 2 || (digits.length === 2 && isDeleting)) return digits;
  return `${digits.slice(0, 2)} / ${year}`;
}

/** The index in `formatted` that has as many digits before it as `text` has before `caret`. */
export function caretAfter(text, caret, formatted) {
  let wanted = digitsOf(text.slice(0, caret)).length;
  let index = 0;
  while (wanted > 0 && index < formatted.length) {
    if (/\d/.test(formatted[index])) wanted -= 1;
    index += 1;
  }
  return index;
}

export function passesLuhn(digits) {
  let sum = 0;
  for (let place = 0; place < digits.length; place += 1) {
    let value = Number(digits[digits.length - 1 - place]);
    if (place % 2 === 1) value = value > 4 ? value * 2 - 9 : value * 2;
    sum += value;
  }
  return sum % 10 === 0;
}

const problem = (code, message) => ({ type: "validation_error", code, message });

/** null, or the error in Stripe's words and codes. */
export function numberProblem(text) {
  const digits = digitsOf(text);
  if (digits.length < Math.min(...brandOf(digits).lengths)) return problem("incomplete_number", "Your card number is incomplete.");
  return passesLuhn(digits) ? null : problem("invalid_number", "Your card number is invalid.");
}

/** `today` is a Date. A card is good until the end of its month. */
export function expiryProblem(text, today) {
  const digits = digitsOf(text);
  if (digits.length < 4) return problem("incomplete_expiry", "Your card's expiration date is incomplete.");
  const { month, year } = expiryOf(text);
  if (month < 1 || month > 12) return problem("invalid_expiry_month", "Your card's expiration date is invalid.");
  if (year < today.getFullYear()) return problem("invalid_expiry_year_past", "Your card's expiration year is in the past.");
  if (year === today.getFullYear() && month < today.getMonth() + 1) {
    return problem("invalid_expiry_month_past", "Your card's expiration date is in the past.");
  }
  return year > today.getFullYear() + 50 ? problem("invalid_expiry_year", "Your card's expiration year is invalid.") : null;
}

export function expiryOf(text) {
  const digits = digitsOf(text);
  return { month: Number(digits.slice(0, 2)), year: 2000 + Number(digits.slice(2, 4)) };
}

export function codeProblem(text, number) {
  return digitsOf(text).length === brandOf(number).codeLength
    ? null
    : problem("incomplete_cvc", "Your card's security code is incomplete.");
}

/** Banks of these countries check it, so it is asked for. */
const POSTAL_CODE_NEEDED = new Set(["US", "CA", "GB"]);

export const needsPostalCode = (country) => POSTAL_CODE_NEEDED.has(country);

export function postalCodeProblem(text, country) {
  if (text.trim() !== "" || !needsPostalCode(country)) return null;
  return problem("incomplete_zip", "Your postal code is incomplete.");
}
