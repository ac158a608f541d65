/**
 * The bank's page. In a dialog over the merchant's page it tells that page when it is done; opened as a page of its own
 * it goes back to the address that the payment names.
 */

const query = new URLSearchParams(location.search);
const pageOrigin = new URLSearchParams(location.hash.slice(1)).get("origin");
const isInDialog = window.parent !== window && pageOrigin !== null;

const buttons = [...document.querySelectorAll("button")];
const status = document.getElementById("status");
let isBusy = false;

async function answer(outcome) {
  if (isBusy) return;
  isBusy = true;
  for (const button of buttons) button.disabled = true;
  status.textContent = "One moment …";
  try {
    const response = await fetch("3ds/complete", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({
        ...(query.has("setup_intent")
          ? { setup_intent: query.get("setup_intent") }
          : { payment_intent: query.get("payment_intent") }),
        token: query.get("token"),
        outcome,
        ...(query.has("return_url") ? { return_url: query.get("return_url") } : {}),
      }),
    });
    const { return_url: returnUrl } = await response.json();
    finish(returnUrl);
  } catch {
    isBusy = false;
    for (const button of buttons) button.disabled = false;
    status.textContent = "The bank can't be reached. Please try again.";
  }
}

/** Whatever the answer was (also that the question was answered elsewhere): the merchant's page looks for itself. */
function finish(returnUrl) {
  if (isInDialog) window.parent.postMessage({ type: "3ds-answered" }, pageOrigin);
  else if (returnUrl) location.assign(returnUrl);
  else status.textContent = "You can close this page now.";
}

document.getElementById("complete").addEventListener("click", () => void answer("succeed"));
document.getElementById("fail").addEventListener("click", () => void answer("fail"));
// Giving up is a failed authentication, as with Stripe.
document.getElementById("close").addEventListener("click", () => void answer("fail"));
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") void answer("fail");
});
window.addEventListener("message", (event) => {
  if (isInDialog && event.source === window.parent && event.origin === pageOrigin && event.data?.type === "3ds-abandon") {
    void answer("fail");
  }
});
document.getElementById("title").focus();
