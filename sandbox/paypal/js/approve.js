/* PayPal's page: shows an order (or what is to be saved), and tells the sandbox and the shop what the buyer wants. */
"use strict";

const parameters = new URLSearchParams(window.location.search);
const setupToken = parameters.get("approval_session_id");
const id = setupToken || parameters.get("token") || "";
const shopOrigin = parameters.get("opener");
const endpoint = setupToken ? `/paypal/agreements/${encodeURIComponent(id)}` : `/paypal/checkout/${encodeURIComponent(id)}`;
const byId = (name) => document.getElementById(name);

const element = (tag, text, className) => {
  const made = document.createElement(tag);
  made.textContent = text;
  if (className) made.className = className;
  return made;
};

const shown = (money) => {
  try {
    return new Intl.NumberFormat("en", { style: "currency", currency: money.currency_code }).format(Number(money.value));
  } catch {
    return `${money.value} ${money.currency_code}`;
  }
};

const line = (list, name, value, className = "") => {
  list.append(element("dt", name, className), element("dd", value, className));
};

const summary = (order) => {
  const list = document.createElement("dl");
  for (const unit of order.units) {
    if (unit.description) line(list, unit.description, "");
    for (const item of unit.items) {
      line(list, item.quantity === "1" ? item.name : `${item.quantity} × ${item.name}`, shown(item.unit_amount));
    }
    for (const [part, money] of Object.entries(unit.amount.breakdown || {})) {
      if (part !== "item_total" && Number(money.value) !== 0) {
        line(list, part.replaceAll("_", " "), part.endsWith("discount") ? `−${shown(money)}` : shown(money));
      }
    }
    line(list, "Total", shown(unit.amount), "total");
  }
  return list;
};

const fundingChoices = (choices) =>
  Object.entries(choices).map(([name, label], place) => {
    const choice = element("p", "", "choice");
    const radio = document.createElement("input");
    Object.assign(radio, { type: "radio", name: "funding", value: name, id: `funding-${name}`, checked: place === 0 });
    const text = element("label", label);
    text.htmlFor = radio.id;
    choice.append(radio, text);
    return choice;
  });

const fill = (about) => {
  const buyerPays = !setupToken;
  byId("title").textContent = buyerPays ? `Pay ${about.brand}` : `Save PayPal with ${about.brand}`;
  byId("buyer").textContent = `Signed in as ${about.buyer.email}`;
  byId("approve").textContent = buyerPays ? (about.pay_now ? "Pay now" : "Continue to review order") : "Agree and save";
  byId("save-line").hidden = !about.vault;
  if (buyerPays) byId("summary").append(summary(about));
  else byId("summary").append(element("p", about.description || "The shop may charge this PayPal account from now on."));
  byId("funding").append(...fundingChoices(about.funding));
  byId("loading").hidden = true;
  byId("form").hidden = false;
  document.title = `${byId("title").textContent} - PayPal (sandbox)`;
};

const problem = (answer) => {
  const detail = answer.details?.[0];
  return detail ? `${detail.description} (${detail.issue})` : answer.message || "That did not work.";
};

const sayDone = (text) => {
  byId("loading").hidden = true;
  byId("form").hidden = true;
  byId("done").textContent = text;
  byId("done").hidden = false;
  byId("done").focus();
};

/* Back to the shop: by a message to the page that opened this window, or by going to the address that the shop gave. */
const goBack = (outcome, answer) => {
  if (window.opener && shopOrigin) {
    const message = { source: "paypal-sandbox", id, outcome, payer_id: answer.payer_id };
    window.opener.postMessage(message, shopOrigin);
    // The opener closes this window; where it cannot, this does.
    setTimeout(() => window.close(), 1000);
    sayDone("You can close this window.");
  } else if (outcome === "silent") {
    window.close();
    sayDone("Approved. You can close this window; the shop is not told by the browser.");
  } else if (answer.return_url) {
    window.location.assign(answer.return_url);
  } else {
    sayDone("The shop has given no address to return to.");
  }
};

const decide = async (action, outcome) => {
  const buttons = document.querySelectorAll("button");
  for (const button of buttons) button.disabled = true;
  byId("problem").textContent = "";
  const chosen = document.querySelector("input[name=funding]:checked");
  const save = !byId("save-line").hidden && byId("save").checked;
  try {
    const response = await fetch(endpoint, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ action, funding: chosen?.value, save }),
    });
    const answer = await response.json();
    if (response.ok) return goBack(outcome, answer);
    byId("problem").textContent = problem(answer);
  } catch {
    byId("problem").textContent = "The sandbox cannot be reached. Please try again.";
  }
  for (const button of buttons) button.disabled = false;
  return undefined;
};

const start = async () => {
  const response = await fetch(endpoint);
  const about = await response.json();
  if (!response.ok) return sayDone(`We're sorry. This page has expired. ${problem(about)}`);
  if (about.status === "COMPLETED" || about.status === "VAULTED") return sayDone("This has been done already.");
  fill(about);
  byId("form").addEventListener("submit", (event) => {
    event.preventDefault();
    void decide("approve", "approved");
  });
  byId("cancel").addEventListener("click", () => void decide("cancel", "cancelled"));
  byId("silent").addEventListener("click", () => void decide("approve", "silent"));
  return undefined;
};

void start();
