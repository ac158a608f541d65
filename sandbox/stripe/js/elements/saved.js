/** The customer's saved cards: which one is chosen, whether a new one is to be kept, and removing one. */
import { call } from "../lib/api.js";

const field = (id) => document.getElementById(id);
const group = field("saved");
const list = field("saved-list");
const fresh = field("new");
const saveRow = field("save-row");
const saveBox = field("save");

const BRANDS = { visa: "Visa", mastercard: "Mastercard", amex: "American Express", discover: "Discover", diners: "Diners Club", jcb: "JCB", unionpay: "UnionPay" };

/** What the customer session allows; nothing without one. */
let features = {};
let secret = "";
let key = "";
let methods = [];
let listener = () => {};
let tell = () => {};

const titleOf = ({ card }) => `${BRANDS[card.brand] ?? "Card"} ending in ${card.last4}`;
const two = (number) => String(number).padStart(2, "0");

/** Asks what the session of the customer shows, and shows it. Returns { error } or {}. */
export async function open({ publishableKey, customerSessionClientSecret, onChange, onRemove }) {
  key = publishableKey;
  secret = customerSessionClientSecret;
  listener = onChange;
  tell = onRemove;
  const answer = await call("GET", "/v1/elements/sessions", {
    key,
    parameters: { customer_session_client_secret: secret },
  });
  if (answer.error) return { error: answer.error };
  features = answer.customer.features;
  methods = answer.customer.payment_methods;
  show();
  return {};
}

/** The payment method that is chosen, or null for a new card. */
export function chosen() {
  const value = group.querySelector("input[name=which]:checked")?.value ?? "";
  return methods.find(({ id }) => id === value) ?? null;
}

/**
 * What goes with a new card: whether it may be shown again and, for a payment, whether it is kept for later.
 * https://docs.stripe.com/api/customer_sessions/object on `payment_method_save` and `payment_method_save_usage`
 */
export function wishes({ isSetup, usage }) {
  if (features.payment_method_save !== "enabled") return { data: {}, confirm: {} };
  const isKept = saveBox.checked;
  const isSavedAnyway = isSetup || Boolean(usage);
  const later = features.payment_method_save_usage;
  return {
    data: { allow_redisplay: isKept ? "always" : isSavedAnyway ? "limited" : "unspecified" },
    confirm: isKept && !isSetup && later ? { setup_future_usage: later } : {},
  };
}

function show(choose = methods[0]?.id ?? "") {
  list.replaceChildren(...methods.map(rowOf));
  group.hidden = methods.length === 0;
  const input = [...group.querySelectorAll("input[name=which]")].find(({ value }) => value === choose) ?? field("which-new");
  input.checked = true;
  choiceChanged();
}

function choiceChanged() {
  fresh.hidden = chosen() !== null;
  saveRow.hidden = chosen() !== null || features.payment_method_save !== "enabled";
  listener();
}

function rowOf(method) {
  const row = document.createElement("div");
  row.className = "Saved";
  const input = Object.assign(document.createElement("input"), { type: "radio", name: "which", id: `which-${method.id}`, value: method.id });
  const label = Object.assign(document.createElement("label"), { htmlFor: input.id });
  const expiry = Object.assign(document.createElement("span"), {
    className: "expiry",
    textContent: ` expires ${two(method.card.exp_month)}/${two(method.card.exp_year % 100)}`,
  });
  label.append(titleOf(method), expiry);
  row.append(input, label);
  if (features.payment_method_remove === "enabled") row.append(removerOf(method));
  return row;
}

/** Removing takes two clicks; leaving the button takes the first one back. */
function removerOf(method) {
  const button = Object.assign(document.createElement("button"), { type: "button", className: "remove", textContent: "Remove" });
  const name = (text) => button.setAttribute("aria-label", `${text} ${titleOf(method)}`);
  const reset = () => {
    button.textContent = "Remove";
    name("Remove");
  };
  reset();
  button.addEventListener("blur", reset);
  button.addEventListener("click", () => {
    if (button.textContent === "Remove") {
      button.textContent = "Really remove?";
      name("Really remove");
    } else {
      void remove(method);
    }
  });
  return button;
}

async function remove(method) {
  const { error } = await call("POST", `/v1/elements/payment_methods/${method.id}/detach`, {
    key,
    parameters: { customer_session_client_secret: secret },
  });
  field("saved-status").textContent = error ? "The card could not be removed. Please try again." : `${titleOf(method)} was removed.`;
  tell({ success: !error, ...(error ? { error: error.message } : {}), payment_method: method });
  if (error) return;
  const before = chosen()?.id;
  methods = methods.filter(({ id }) => id !== method.id);
  show(before === method.id ? undefined : (before ?? ""));
  (group.querySelector("input[name=which]:checked") ?? field("number")).focus();
}

group.addEventListener("change", choiceChanged);
