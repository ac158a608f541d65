/** Amounts are whole numbers of minor units. They are shown through strings: no fraction is ever a JavaScript number. */

const LOCALE = "en-GB";
const formats = new Map<string, Intl.NumberFormat>();

/** "€1,234.50" for 123450 EUR; the number of decimals is the currency's own (JPY none, KWD three). */
export function formatMoney(amountMinor: number, currency: string): string {
  if (!Number.isSafeInteger(amountMinor)) throw new RangeError("An amount must be a whole number of minor units.");
  const format = formatOf(currency);
  const decimals = format.resolvedOptions().maximumFractionDigits ?? 2;
  return format.format(decimalText(BigInt(amountMinor), decimals));
}

function formatOf(currency: string): Intl.NumberFormat {
  let format = formats.get(currency);
  if (!format) {
    format = new Intl.NumberFormat(LOCALE, { style: "currency", currency });
    formats.set(currency, format);
  }
  return format;
}

function decimalText(amount: bigint, decimals: number): Intl.StringNumericLiteral {
  const digits = (amount < 0n ? -amount : amount).toString().padStart(decimals + 1, "0");
  const whole = digits.slice(0, digits.length - decimals);
  const text = decimals === 0 ? whole : `${whole}.${digits.slice(digits.length - decimals)}`;
  return (amount < 0n ? `-${text}` : text) as Intl.StringNumericLiteral;
}
