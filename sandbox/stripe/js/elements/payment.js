/**
 * The card fields, in a frame of the sandbox's origin. Card figures are typed here and sent from here to the API; the
 * page around the frame learns whether they are complete, and what came of them.
 */
import { call, intentOf, retrieveIntent } from "../lib/api.js";
import { applyAppearance } from "./appearance.js";
import * as rules from "./card-rules.js";
import { listen, send } from "./channel.js";
import { countries } from "./countries.js";
import * as saved from "./saved.js";

const field = (id) => document.getElementById(id);
const number = field("number");
const expiry = field("expiry");
const code = field("code");
const country = field("country");
const postal = field("postal");
const form = field("card");

/** Given by the page: the publishable key, and what it knows of the buyer already. */
const session = { key: "", billing: {}, isSetup: false, usage: null };

const CHECKS = [
  { input: number, check: () => rules.numberProblem(number.value) },
  { input: expiry, check: () => rules.expiryProblem(expiry.value, new Date()) },
  { input: code, check: () => rules.codeProblem(code.value, number.value) },
  { input: postal, check: () => rules.postalCodeProblem(postal.value, country.value) },
];

function show(input, problem) {
  field(`${input.id}-error`).textContent = problem?.message ?? "";
  input.classList.toggle("Input--invalid", problem !== null);
  input.setAttribute("aria-invalid", String(problem !== null));
}

/** Shows every mistake, goes to the first, and returns it. */
function validate() {
  if (saved.chosen()) return {};
  const found = CHECKS.map(({ input, check }) => ({ input, problem: check() }));
  for (const { input, problem } of found) show(input, problem);
  const first = found.find(({ problem }) => problem !== null);
  first?.input.focus();
  return first ? { error: first.problem } : {};
}

/** What the merchant's page is told of the choice. */
function valueOf(method) {
  if (method === null) return { type: "card" };
  return { type: "card", payment_method: { id: method.id, type: "card", billing_details: method.billing_details } };
}

let lastChange = "";

function changed() {
  const method = saved.chosen();
  const complete = method !== null || CHECKS.every(({ check }) => check() === null);
  const empty = method === null && [number, expiry, code].every((input) => input.value === "");
  const now = JSON.stringify([complete, empty, method?.id]);
  if (now === lastChange) return;
  lastChange = now;
  send("change", { event: { elementType: "payment", complete, empty, collapsed: false, value: valueOf(method) } });
}

function reformat(input, format) {
  const before = input.value;
  const after = format(before);
  if (after !== before) {
    const caret = rules.caretAfter(before, input.selectionStart ?? before.length, after);
    // At the end the caret goes behind what was added, as the " / " after the month.
    const atEnd = (input.selectionStart ?? before.length) >= before.length;
    input.value = after;
    input.setSelectionRange(atEnd ? after.length : caret, atEnd ? after.length : caret);
  }
}

function showBrand() {
  const brand = rules.brandOf(number.value);
  field("brand").textContent = brand.title;
  code.maxLength = brand.codeLength;
  code.placeholder = brand.codeLength === 4 ? "4 digits" : "CVC";
}

form.addEventListener("input", (event) => {
  const input = event.target;
  if (!CHECKS.some((check) => check.input === input) && input !== country) return;
  if (input === number) {
    reformat(number, rules.formatNumber);
    showBrand();
  } else if (input === expiry) {
    const isDeleting = event.inputType?.startsWith("delete") ?? false;
    reformat(expiry, (text) => rules.formatExpiry(text, { isDeleting }));
  } else if (input === code) {
    reformat(code, (text) => rules.digitsOf(text).slice(0, code.maxLength));
  }
  if (input.id !== "country") show(input, null);
  changed();
});

country.addEventListener("change", () => {
  postal.setAttribute("aria-required", String(rules.needsPostalCode(country.value)));
  show(postal, null);
  changed();
});

form.addEventListener("focusin", () => send("focus", { event: { elementType: "payment" } }));
form.addEventListener("focusout", (event) => {
  const left = CHECKS.find(({ input }) => input === event.target);
  // An empty field is not yet wrong while the buyer walks through.
  if (left && left.input.value !== "") show(left.input, left.check());
  if (event.relatedTarget === null) send("blur", { event: { elementType: "payment" } });
});
form.addEventListener("keydown", (event) => {
  if (event.key === "Escape") send("escape", { event: { elementType: "payment" } });
});
form.addEventListener("submit", (event) => event.preventDefault());

/** The card and its holder as Stripe's API takes them. Nothing else reads the figures. */
function paymentMethodData(extra = {}) {
  const { month, year } = rules.expiryOf(expiry.value);
  const address = {
    ...session.billing.address,
    ...extra.address,
    country: country.value,
    postal_code: postal.value.trim() || undefined,
  };
  return {
    type: "card",
    card: { number: rules.digitsOf(number.value), exp_month: month, exp_year: year, cvc: rules.digitsOf(code.value) },
    billing_details: { ...session.billing, ...extra, address },
  };
}

/** The saved card, or the new one with what is to become of it, as parameters of a confirmation. */
function methodParameters(billing) {
  const method = saved.chosen();
  if (method) return { payment_method: method.id };
  const { data, confirm: more } = saved.wishes(session);
  return { payment_method_data: { ...paymentMethodData(billing), ...data }, ...more };
}

async function confirm({ clientSecret, params = {} }) {
  const { payment_method_data: given, ...others } = params;
  const { path, name } = intentOf(clientSecret);
  const answer = await call("POST", `${path}/confirm`, {
    key: session.key,
    parameters: {
      ...others,
      client_secret: clientSecret,
      ...methodParameters(given?.billing_details),
      use_stripe_sdk: true,
    },
  });
  return answer.error ? { error: answer.error } : { [name]: answer };
}

async function createPaymentMethod({ params = {} }) {
  const method = saved.chosen();
  if (method) return { paymentMethod: method };
  const answer = await call("POST", "/v1/payment_methods", {
    key: session.key,
    parameters: { ...params, ...paymentMethodData(params.billing_details) },
  });
  return answer.error ? { error: answer.error } : { paymentMethod: answer };
}

async function createConfirmationToken({ params = {} }) {
  const { payment_method_data: given, ...others } = params;
  const answer = await call("POST", "/v1/confirmation_tokens", {
    key: session.key,
    parameters: { ...others, ...methodParameters(given?.billing_details) },
  });
  return answer.error ? { error: answer.error } : { confirmationToken: answer };
}

async function init({ key, clientSecret, customerSessionClientSecret, isSetup, usage, appearance, options }) {
  Object.assign(session, { key, isSetup, usage });
  update({ appearance, options });
  form.classList.add("styled");
  if (clientSecret !== null) {
    const { error, setupIntent, paymentIntent } = await retrieveIntent({ key, clientSecret });
    if (error) return failToLoad(error);
    session.isSetup = setupIntent !== undefined;
    session.usage = paymentIntent?.setup_future_usage ?? null;
  }
  if (customerSessionClientSecret) {
    const { error } = await saved.open({
      publishableKey: key,
      customerSessionClientSecret,
      onChange: changed,
      onRemove: (event) => send("savedpaymentmethodremove", { event }),
    });
    if (error) return failToLoad(error);
  }
  send("ready", { event: { elementType: "payment" } });
}

function failToLoad(error) {
  send("loaderror", { event: { elementType: "payment", error } });
}

function update({ appearance, options }) {
  if (appearance) applyAppearance(appearance);
  const known = options?.defaultValues?.billingDetails;
  if (!known) return;
  const { address = {}, ...person } = known;
  session.billing = { ...person, address };
  if (address.country && postal.value === "") country.value = address.country;
  if (address.postal_code && postal.value === "") postal.value = address.postal_code;
  country.dispatchEvent(new Event("change"));
}

function clear() {
  for (const { input } of CHECKS) {
    input.value = "";
    show(input, null);
  }
  showBrand();
  changed();
}

country.append(...countries().map(({ code: value, name }) => new Option(name, value)));
country.value = "US";
postal.setAttribute("aria-required", "true");

listen({
  init,
  update,
  clear,
  validate,
  confirm,
  createPaymentMethod,
  createConfirmationToken,
  focus: () => (document.querySelector("input[name=which]:checked:not(#which-new)") ?? number).focus(),
  blur: () => document.activeElement?.blur(),
});

new ResizeObserver(() => send("height", { px: Math.ceil(document.body.getBoundingClientRect().height) })).observe(document.body);
send("hello");
