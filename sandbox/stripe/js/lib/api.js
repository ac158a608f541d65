/**
 * Requests with a publishable key to the sandbox's Stripe API, answered in the shape of Stripe.js:
 * the object, or { error }. Used by the page's script and by the card frame alike.
 */

/** Where these scripts come from is where the API is. */
export const ORIGIN = new URL(import.meta.url).origin;

/**
 * GET or POST in Stripe's form encoding. The key is a parameter, as Stripe.js sends it: so the browser asks no
 * permission first (no CORS preflight). Never throws: without an answer the error is an api_connection_error.
 */
export async function call(method, path, { key, parameters = {} }) {
  const form = encode({ ...parameters, key });
  const url = new URL(path, ORIGIN);
  if (method === "GET") url.search = form.toString();
  try {
    const response = await fetch(url, {
      method,
      credentials: "omit",
      cache: "no-store",
      ...(method === "POST" ? { body: form } : {}),
    });
    const answer = await response.json();
    return response.ok ? answer : { error: answer.error ?? apiError(response.status) };
  } catch (cause) {
    return { error: connectionError(cause) };
  }
}

/** { a: { b: 1 } } -> a[b]=1 */
export function encode(parameters, at = "", form = new URLSearchParams()) {
  for (const [name, value] of Object.entries(parameters)) {
    if (value === undefined || value === null) continue;
    const path = at === "" ? name : `${at}[${name}]`;
    if (typeof value === "object") encode(value, path, form);
    else form.append(path, String(value));
  }
  return form;
}

const KINDS = {
  pi: { name: "paymentIntent", collection: "payment_intents" },
  seti: { name: "setupIntent", collection: "setup_intents" },
};

/** What a client secret opens: pi_123_secret_456 -> the PaymentIntent pi_123, seti_... -> a SetupIntent. */
export function intentOf(clientSecret) {
  const match = /^((pi|seti)_[A-Za-z0-9]+)_secret_[A-Za-z0-9]+$/.exec(clientSecret ?? "");
  if (match === null) throw new Error(`Invalid client secret: it should look like pi_..._secret_...`);
  const { name, collection } = KINDS[match[2]];
  return { id: match[1], name, path: `/v1/${collection}/${match[1]}` };
}

export const intentIdOf = (clientSecret) => intentOf(clientSecret).id;

/** { paymentIntent } or { setupIntent }, or { error }. */
export async function retrieveIntent({ key, clientSecret }) {
  const { path, name } = intentOf(clientSecret);
  const answer = await call("GET", path, { key, parameters: { client_secret: clientSecret } });
  return answer.error ? { error: answer.error } : { [name]: answer };
}

function connectionError(cause) {
  const message = "We are experiencing issues connecting to our payments provider. Please check your internet connection and try again.";
  return { type: "api_connection_error", message, cause: String(cause) };
}

function apiError(status) {
  return { type: "api_error", message: `The sandbox answered with status ${status}.` };
}
