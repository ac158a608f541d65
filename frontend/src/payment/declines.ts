/**
 * Reasons for a refusal in the buyer's words, with what can be done. Codes are Stripe's decline codes and error codes
 * (https://docs.stripe.com/declines/codes). Where the bank suspects fraud or theft the buyer is told no more than for a
 * general refusal, as Stripe advises.
 */
const WORDS: Record<string, string> = {
  insufficient_funds: "There is not enough money on this card. Please use another card.",
  expired_card: "This card has expired. Please check the date or use another card.",
  incorrect_cvc: "The security code is wrong. Please check it and try again.",
  invalid_cvc: "The security code is wrong. Please check it and try again.",
  incorrect_number: "The card number is wrong. Please check it and try again.",
  invalid_number: "The card number is wrong. Please check it and try again.",
  invalid_expiry_month: "The expiry month is wrong. Please check it and try again.",
  invalid_expiry_year: "The expiry year is wrong. Please check it and try again.",
  incorrect_zip: "The postal code does not match the one your bank has for this card. Please check it and try again.",
  postal_code_invalid: "The postal code does not match the one your bank has for this card. Please check it and try again.",
  card_velocity_exceeded: "This card has reached its limit. Please use another card or ask your bank.",
  withdrawal_count_limit_exceeded: "This card has reached its limit. Please use another card or ask your bank.",
  card_not_supported: "This card can't be used for this purchase. Please use another card.",
  currency_not_supported: "This card can't pay in this currency. Please use another card.",
  authentication_required: "Your bank wants to check that it is you. Please try again and confirm the payment.",
  payment_intent_authentication_failure: "Your bank could not confirm that it is you. Please try again or use another card.",
  processing_error: "The bank had a problem with the payment. Please try again in a moment.",
  issuer_not_available: "Your bank can't be reached right now. Please try again in a moment or use another card.",
  try_again_later: "The bank could not decide right now. Please try again in a moment.",
};

const GENERAL = "Your bank refused the payment and gave no reason. Please use another card or ask your bank.";

/** Stripe's own sentence is used only for codes that this list does not know and that are no plain refusals. */
export function declineWords(code: string | undefined, fallback = ""): string {
  const known = code === undefined ? undefined : WORDS[code];
  if (known !== undefined) return known;
  const plainRefusals = ["card_declined", "generic_decline", "do_not_honor", "fraudulent", "lost_card", "stolen_card"];
  if (code === undefined || plainRefusals.includes(code) || fallback === "") return GENERAL;
  return fallback;
}
