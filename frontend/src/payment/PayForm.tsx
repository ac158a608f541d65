import { PaymentElement, useElements, useStripe } from "@stripe/react-stripe-js";
import type { StripePaymentElementOptions } from "@stripe/stripe-js";
import { useRef, useState, type Dispatch, type SubmitEvent } from "react";
import type { Checkout, Config, SavedMethod } from "../api/types";
import type { CheckoutEvent } from "../machine/states";
import { formatMoney } from "../money";
import { choose, pay, paySaved } from "./pay";
import { KeepMethod, SavedChoice } from "./SavedChoice";

interface Props {
  config: Config;
  checkout: Checkout;
  cards: readonly SavedMethod[];
  isPaying: boolean;
  dispatch: Dispatch<CheckoutEvent>;
}

/** The card fields and the one button that takes the money. */
export function PayForm({ config, checkout, cards, isPaying, dispatch }: Props) {
  const stripe = useStripe();
  const elements = useElements();
  const [state, setState] = useState<"opening" | "ready" | "failed">("opening");
  const [options] = useState(() => optionsFor(checkout));
  const [picked, setPicked] = useState<string | null>(null);
  const chosen = picked ?? cards.find(({ is_default }) => is_default)?.id ?? "";
  const [isKept, setIsKept] = useState(false);
  // The shop is told only of what differs from what it knows.
  const told = useRef("");
  // State changes only with the next rendering; a second click may come before it.
  const isBusy = useRef(false);

  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    if (isBusy.current || isPaying || state !== "ready" || !stripe || !elements) return;
    isBusy.current = true;
    dispatch({ type: "PAY_PRESSED" });
    const keeps = chosen === "" && isKept;
    const choice = { method: chosen, save_method: keeps, ...(keeps && { consent_text: config.save_consent ?? "" }) };
    const wish = chosen || (isKept ? "keep" : "");
    const confirm = async () => {
      const refusal = wish === told.current ? null : await choose(checkout, choice);
      if (refusal) return refusal;
      told.current = wish;
      const secret = checkout.payment?.client_secret;
      return chosen && secret ? paySaved(stripe, secret, checkout.id) : pay(stripe, elements, checkout.id);
    };
    void confirm().then((outcome) => {
      isBusy.current = false;
      dispatch(outcome);
    });
  };

  if (state === "failed") {
    return (
      <div className="notice error" role="alert">
        <p className="notice-title">The card form could not be shown</p>
        <p>Nothing was charged. Please reload this page to try again.</p>
        <button
          type="button"
          className="button"
          onClick={() => {
            dispatch({ type: "RELOAD", orderId: checkout.id });
          }}
        >
          Try again
        </button>
      </div>
    );
  }
  const amount = formatMoney(checkout.quote.total_minor, checkout.quote.currency);
  return (
    <form className="pay-form" onSubmit={submit} aria-busy={isPaying}>
      <SavedChoice methods={cards} other="Another card" chosen={chosen} disabled={isPaying} onChoose={setPicked} />
      <div hidden={chosen !== ""}>
        <PaymentElement
          options={options}
          onReady={() => {
            setState("ready");
          }}
          onLoadError={() => {
            setState("failed");
          }}
        />
        {config.save_consent && checkout.repayment_url === null && (
          <KeepMethod
            label="Save this card"
            consent={config.save_consent}
            isGuest={config.buyer === null}
            checked={isKept}
            disabled={isPaying}
            onChange={setIsKept}
          />
        )}
      </div>
      <button className="button wide pay-button" type="submit" aria-disabled={isPaying || state !== "ready"}>
        {isPaying ? "Paying …" : checkout.is_authorized_first ? `Order and reserve ${amount}` : `Pay ${amount}`}
      </button>
      <p className="small muted" role="status">
        {isPaying
          ? "Please wait and keep this page open. Your bank may ask you to confirm."
          : checkout.is_authorized_first
            ? "The amount is reserved on your card now and charged when the artisans confirm. Your card details go straight to the payment service."
            : "Your card details go straight to the payment service. This shop never sees them."}
      </p>
    </form>
  );
}

function optionsFor(checkout: Checkout): StripePaymentElementOptions {
  const { name, postal_code, country } = checkout.shipping_address;
  return {
    layout: "tabs",
    defaultValues: {
      billingDetails: { name, email: checkout.email, address: { postal_code, country } },
    },
  };
}
