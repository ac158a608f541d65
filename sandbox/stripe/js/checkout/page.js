/** The hosted payment page: the order on one side, the card on the other. The card is typed into Stripe.js's frame. */

const field = (id) => document.getElementById(id);
const form = field("form");
const settings = JSON.parse(form.dataset.settings);
const stripe = window.Stripe("pk_test_sandbox");
const elements = stripe.elements({ mode: "payment", amount: settings.amount, currency: settings.currency });
const card = elements.create("payment", { fields: { billingDetails: { name: "never", email: "never" } } });
card.mount("#card");

function shown(minor) {
  const style = { style: "currency", currency: settings.currency.toUpperCase(), currencyDisplay: "narrowSymbol" };
  return new Intl.NumberFormat("en", style).format(minor / 10 ** settings.exponent);
}

const rates = () => [...form.querySelectorAll("input[name=shipping_rate]")];

function sum() {
  const rate = rates().find((input) => input.checked);
  const shipping = Number(rate?.dataset.amount ?? 0);
  const total = shown(settings.subtotal + shipping);
  field("shipping-row").hidden = rates().length === 0;
  field("shipping-amount").textContent = shipping === 0 ? "Free" : shown(shipping);
  for (const id of ["total", "sum", "pay-amount"]) field(id).textContent = total;
  document.title = `Pay ${total} – Sandbox Checkout`;
}

/** Says below the field what is wrong with it, or nothing. */
function check(input) {
  const isGood = input.checkValidity() && input.value.trim() !== "";
  const problem = isGood ? "" : input.type === "email" ? "Your email is incomplete." : "Please fill this in.";
  field(`${input.id}-problem`).textContent = problem;
  input.setAttribute("aria-invalid", String(!isGood));
  return isGood;
}

/** Shows what is missing and goes to the first of it. */
function isComplete() {
  const wrong = [...form.querySelectorAll("input[required]")].filter((input) => !check(input));
  wrong[0]?.focus();
  return wrong.length === 0;
}

function busy(isBusy) {
  field("pay").disabled = isBusy;
  field("status").textContent = isBusy ? "Your payment is being made …" : "";
}

function fail(message) {
  busy(false);
  field("problem").textContent = message;
  field("problem").focus();
}

const value = (id) => field(id)?.value.trim() || null;

function order(method) {
  const address = {
    line1: value("ship-line1"),
    line2: value("ship-line2"),
    postal_code: value("ship-postal"),
    city: value("ship-city"),
    country: value("ship-country"),
  };
  return {
    payment_method: method.id,
    email: value("email"),
    name: value("name"),
    billing_address: method.billing_details.address,
    shipping_rate: rates().find((input) => input.checked)?.value ?? null,
    ...(field("address") ? { shipping_name: value("ship-name"), shipping_address: address } : {}),
  };
}

const here = `/c/pay/${settings.session}`;

async function answerOf(path, options) {
  const response = await fetch(here + path, { cache: "no-store", ...options });
  return response.json();
}

async function pay() {
  field("problem").textContent = "";
  if (!isComplete()) return;
  const { error: incomplete } = await elements.submit();
  if (incomplete) return;
  busy(true);
  const billing = { name: value("name"), email: value("email") };
  const { error, paymentMethod } = await stripe.createPaymentMethod({ elements, params: { billing_details: billing } });
  if (error) return fail(error.message);
  const answer = await answerOf("/pay", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(order(paymentMethod)),
  });
  if (answer.error?.code?.startsWith("session_")) return location.reload();
  if (answer.error) return fail(answer.error.message);
  if (answer.client_secret) {
    const { error: refused } = await stripe.handleNextAction({ clientSecret: answer.client_secret });
    if (refused) return fail(refused.message);
  }
  const { redirect } = answer.redirect ? answer : await answerOf("/state");
  if (redirect) location.replace(redirect);
  else fail("The payment did not go through. Please try again.");
}

form.addEventListener("change", sum);
form.addEventListener("input", ({ target }) => {
  // Once a field was found wrong, it is looked at with every key.
  if (target.getAttribute("aria-invalid") === "true") check(target);
});
form.addEventListener("submit", (event) => {
  event.preventDefault();
  if (!field("pay").disabled) pay().catch(() => fail("The payment could not be made. Please try again."));
});
const names = new Intl.DisplayNames("en", { type: "region" });
for (const option of field("ship-country")?.options ?? []) {
  option.value = option.text;
  option.text = names.of(option.value);
}
sum();
