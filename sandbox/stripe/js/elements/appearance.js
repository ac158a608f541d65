/**
 * The merchant's appearance (https://docs.stripe.com/elements/appearance-api) put onto the frame: its variables become
 * custom properties, its rules a style sheet. Only known names and values that the browser takes are used.
 */
const VARIABLES = {
  colorPrimary: ["--color-primary", "color"],
  colorBackground: ["--color-background", "color"],
  colorText: ["--color-text", "color"],
  colorTextSecondary: ["--color-text-secondary", "color"],
  colorTextPlaceholder: ["--color-placeholder", "color"],
  colorDanger: ["--color-danger", "color"],
  fontFamily: ["--font-family", "font-family"],
  fontSizeBase: ["--font-size", "font-size"],
  fontWeightNormal: ["--font-weight", "font-weight"],
  borderRadius: ["--radius", "border-radius"],
  spacingUnit: ["--unit", "padding"],
};
const SELECTOR = /^\.(?:Input|Label|Error|Tab|Block)(?:--(?:invalid|empty|selected))?(?::(?:focus|hover|disabled|autofill))?$/;

const sheet = new CSSStyleSheet();

export function applyAppearance(appearance) {
  if (!document.adoptedStyleSheets.includes(sheet)) document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
  for (const [name, value] of Object.entries(appearance?.variables ?? {})) {
    const known = VARIABLES[name];
    if (known && CSS.supports(known[1], value)) document.documentElement.style.setProperty(known[0], value);
  }
  sheet.replaceSync("");
  for (const [selector, declarations] of Object.entries(appearance?.rules ?? {})) {
    if (SELECTOR.test(selector)) addRule(selector, declarations);
  }
}

function addRule(selector, declarations) {
  const index = sheet.insertRule(`${selector} {}`, sheet.cssRules.length);
  const { style } = sheet.cssRules[index];
  for (const [property, value] of Object.entries(declarations)) {
    const name = property.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
    if (CSS.supports(name, value)) style.setProperty(name, value);
  }
}
