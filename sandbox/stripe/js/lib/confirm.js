/** Confirming with a method that has an id already, and what is left to do after any confirmation. */
import { call, intentOf, retrieveIntent } from "./api.js";
import { challenge, withOutcome } from "./challenge.js";

/** { paymentIntent } or { setupIntent }, as the client secret says, or { error }. */
export async function confirmWith({ key, clientSecret, parameters }) {
  const { path, name } = intentOf(clientSecret);
  const answer = await call("POST", `${path}/confirm`, {
    key,
    parameters: { ...parameters, client_secret: clientSecret, use_stripe_sdk: true },
  });
  return answer.error ? { error: answer.error } : { [name]: answer };
}

/** The bank's question, and the way back to the merchant's page. */
export async function finish({ key, answer, clientSecret, redirect, returnUrl }) {
  let last = answer;
  const { name } = intentOf(clientSecret);
  if (last[name]?.status === "requires_action") {
    const { next_action: action } = last[name];
    if (action?.type === "redirect_to_url") return leave(action.redirect_to_url.url);
    await challenge(action);
    last = afterChallenge(await retrieveIntent({ key, clientSecret }), name);
  }
  if (redirect === "always" && returnUrl && last[name]) return leave(withOutcome(returnUrl, last[name]));
  return last;
}

/** The page is being left, so nobody is told. */
function leave(address) {
  location.assign(address);
  return new Promise(() => {});
}

/** An intent that fell back after the bank's question failed: Stripe.js answers with the error. */
function afterChallenge(answer, name) {
  const intent = answer[name];
  const error = intent?.last_payment_error ?? intent?.last_setup_error;
  if (intent?.status !== "requires_payment_method" || !error) return answer;
  return { error: { ...error, [name === "setupIntent" ? "setup_intent" : "payment_intent"]: intent } };
}
