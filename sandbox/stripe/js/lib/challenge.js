/** The bank's question (3D Secure): a dialog over the merchant's page, with the sandbox's page in a frame. */
import { ORIGIN } from "./api.js";

const TITLE = "Secure authentication frame";

/** Opens the page that the intent's next action names, and waits until the buyer has answered or closed it. */
export function challenge(action) {
  const address = new URL(action?.use_stripe_sdk?.stripe_js ?? "about:blank");
  if (address.origin !== ORIGIN) throw new Error("The next action does not lead to this sandbox.");
  address.hash = new URLSearchParams({ origin: location.origin }).toString();

  return new Promise((resolve) => {
    const before = document.activeElement;
    // A modal <dialog> keeps the focus inside and the rest of the page out of reach.
    const dialog = document.createElement("dialog");
    dialog.setAttribute("aria-label", "Your bank asks you to confirm the payment");
    Object.assign(dialog.style, {
      width: "min(28rem, calc(100vw - 2rem))",
      height: "min(25rem, calc(100vh - 2rem))",
      padding: "0",
      border: "0",
      borderRadius: "12px",
      overflow: "hidden",
      boxShadow: "0 0 0 100vmax rgb(0 0 0 / 55%), 0 20px 60px rgb(0 0 0 / 35%)",
    });
    const frame = document.createElement("iframe");
    frame.title = TITLE;
    frame.src = address.href;
    Object.assign(frame.style, { display: "block", width: "100%", height: "100%", border: "0" });
    dialog.append(frame);

    const done = () => {
      window.removeEventListener("message", receive);
      dialog.close();
      dialog.remove();
      if (before instanceof HTMLElement) before.focus();
      resolve();
    };
    const receive = (event) => {
      if (event.origin === ORIGIN && event.source === frame.contentWindow && event.data?.type === "3ds-answered") done();
    };
    window.addEventListener("message", receive);
    dialog.addEventListener("cancel", (event) => {
      // Escape pressed outside the frame: the frame's page gives up, so that the bank's question is answered too.
      event.preventDefault();
      frame.contentWindow?.postMessage({ type: "3ds-abandon" }, ORIGIN);
    });
    document.body.append(dialog);
    dialog.showModal();
    frame.addEventListener("load", () => frame.focus(), { once: true });
  });
}

/** The merchant's address with what Stripe adds to it. */
export function withOutcome(returnUrl, intent) {
  const url = new URL(returnUrl);
  url.searchParams.set(intent.object, intent.id);
  url.searchParams.set(`${intent.object}_client_secret`, intent.client_secret);
  url.searchParams.set("redirect_status", intent.status === "requires_payment_method" ? "failed" : intent.status);
  return url.href;
}
