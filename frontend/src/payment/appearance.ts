import type { Appearance } from "@stripe/stripe-js";

/** The shop's design tokens as Stripe's appearance variables, read from the page so that there is one source. */
export function appearanceFromTokens(): Appearance {
  const style = getComputedStyle(document.documentElement);
  const token = (name: string, otherwise: string) => style.getPropertyValue(name).trim() || otherwise;
  return {
    theme: "stripe",
    labels: "above",
    variables: {
      colorPrimary: token("--accent", "#94411f"),
      colorBackground: token("--surface", "#ffffff"),
      colorText: token("--ink", "#2b2420"),
      colorTextSecondary: token("--muted", "#6b5f54"),
      colorDanger: token("--bad", "#9b2226"),
      fontFamily: token("--sans", "system-ui, sans-serif"),
      fontSizeBase: "17px",
      borderRadius: token("--radius", "8px"),
      spacingUnit: "4px",
    },
    rules: {
      ".Input": { border: `1px solid ${token("--line-strong", "#8f8273")}`, boxShadow: "none" },
      ".Label": { fontWeight: "600" },
    },
  };
}
