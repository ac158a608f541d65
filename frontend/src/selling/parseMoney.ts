/** Minor units of what somebody typed ("12.50", "1250"), or null if it is no such amount. Never through a fraction. */
export function parseMoney(text: string, currency: string): number | null {
  const decimals = new Intl.NumberFormat("en-GB", { style: "currency", currency }).resolvedOptions().maximumFractionDigits ?? 2;
  const found = /^(\d{1,9})(?:[.,](\d*))?$/.exec(text.trim());
  if (found?.[1] === undefined) return null;
  const fraction = found[2] ?? "";
  if (fraction.length > decimals) return null;
  return Number(found[1] + fraction.padEnd(decimals, "0"));
}

/** As it is typed: "12.50" for 1250 EUR. */
export function typedMoney(minor: number, currency: string): string {
  const decimals = new Intl.NumberFormat("en-GB", { style: "currency", currency }).resolvedOptions().maximumFractionDigits ?? 2;
  const digits = String(minor).padStart(decimals + 1, "0");
  return decimals === 0 ? digits : `${digits.slice(0, -decimals)}.${digits.slice(-decimals)}`;
}
