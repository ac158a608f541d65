import type { FieldProblem } from "../api/problems";
import type { Draft, DraftField } from "./draft";

interface Rule {
  field: DraftField;
  max: number;
  missing?: string;
}

/** In the order of the form. The shop has the last word; these limits are its own. */
const RULES: readonly Rule[] = [
  { field: "email", max: 254, missing: "Enter your e-mail address" },
  { field: "name", max: 120, missing: "Enter the name for the parcel" },
  { field: "line1", max: 120, missing: "Enter the street and house number" },
  { field: "line2", max: 120 },
  { field: "postal_code", max: 16, missing: "Enter the postal code" },
  { field: "city", max: 80, missing: "Enter the town or city" },
  { field: "region", max: 80 },
  { field: "country", max: 2, missing: "Choose the country" },
  { field: "phone", max: 30 },
];

export function validate(draft: Draft): FieldProblem[] {
  return RULES.flatMap((rule) => {
    const message = problemOf(rule, draft[rule.field].trim());
    return message === null ? [] : [{ field: rule.field, message }];
  });
}

function problemOf({ field, max, missing }: Rule, value: string): string | null {
  if (value === "") return missing ?? null;
  if (value.length > max) return `This is too long: at most ${String(max)} characters`;
  if (field === "email" && !/^[^\s@]+@[^\s@]+\.[^\s@.]+$/.test(value)) {
    return "Enter a complete e-mail address, like name@example.com";
  }
  if (field === "phone" && !/^\+?[\d\s()/.-]{4,}$/.test(value)) return "Enter a telephone number, or leave it empty";
  return null;
}
