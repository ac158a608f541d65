import { useCallback, useEffect, useRef, useState, type Dispatch } from "react";
import * as shop from "../api/shop";
import type { Checkout, Config } from "../api/types";
import { browserLocation } from "../checkout/location";
import { outcomeOf } from "../machine/outcome";
import type { CheckoutEvent } from "../machine/states";
import { formatMoney } from "../money";
import { openPayPalOrder, type PayPalOrder } from "./elsewhere";
import { BUTTON, isBlockedWindow, payPalFor, type PayPalScript } from "./paypal";
import { KeepMethod } from "./SavedChoice";
import { ScriptFailed } from "./ScriptFailed";
import { useScript } from "./useScript";

interface Props {
  config: Config;
  checkout: Checkout;
  isPaying: boolean;
  dispatch: Dispatch<CheckoutEvent>;
}

/** How often the shop is asked while PayPal's window is open. Tests shorten it. */
export const payPalWindowPolicy = { lookMs: 4000 };

/**
 * PayPal's button. PayPal tells this page when the buyer is done; the shop alone takes the money, and finds out by itself
 * when this page is told nothing.
 */
export function PayPalWindow({ config, checkout, isPaying, dispatch }: Props) {
  const load = useCallback(() => payPalFor(config, checkout), [config, checkout]);
  const { script, hasFailed, again } = useScript(load);
  useLookWhileAway(checkout.id, isPaying, dispatch);
  const [isKept, setIsKept] = useState(false);
  const amount = formatMoney(checkout.quote.total_minor, checkout.quote.currency);
  if (hasFailed) return <ScriptFailed title="PayPal can't be reached" onRetry={again} />;
  return (
    <>
      <p className="small muted">
        {checkout.is_authorized_first
          ? `PayPal opens in a window of its own, and you confirm there that ${amount} are reserved. They are charged when the artisans confirm.`
          : `PayPal opens in a window of its own, where you confirm the payment of ${amount}.`}
      </p>
      {config.save_consent && checkout.repayment_url === null && (
        <KeepMethod
          label="Save this PayPal account for next time"
          consent={config.save_consent}
          isGuest={config.buyer === null}
          checked={isKept}
          disabled={isPaying}
          onChange={setIsKept}
        />
      )}
      {script === null ? (
        <p role="status">Opening PayPal …</p>
      ) : (
        <PayPalButton
          script={script}
          checkout={checkout}
          consent={isKept ? (config.save_consent ?? null) : null}
          dispatch={dispatch}
        />
      )}
      {isPaying && (
        <>
          <p role="status">Please finish in PayPal’s window and keep this page open.</p>
          <p>
            <button
              type="button"
              className="link-button"
              onClick={() => {
                dispatch({ type: "OUTCOME_UNKNOWN" });
              }}
            >
              I don’t see PayPal’s window any more
            </button>
          </p>
        </>
      )}
    </>
  );
}

interface ButtonProps {
  script: PayPalScript;
  checkout: Checkout;
  /** The words to which the buyer has agreed; null for none. */
  consent: string | null;
  dispatch: Dispatch<CheckoutEvent>;
}

function PayPalButton({ script, checkout, consent, dispatch }: ButtonProps) {
  const place = useRef<HTMLDivElement>(null);
  // The button stays when the box is ticked; it asks when it is pressed.
  const agreedTo = useRef(consent);
  useEffect(() => {
    agreedTo.current = consent;
  }, [consent]);
  const [isRefused, setRefused] = useState(false);
  useEffect(() => {
    let order: PayPalOrder | null = null;
    let ended: CheckoutEvent | null = null;
    const lookUp = () => {
      dispatch({ type: "OUTCOME_UNKNOWN" });
    };
    const button = script.Buttons({
      ...BUTTON,
      onClick: () => {
        order = ended = null;
        dispatch({ type: "PAY_PRESSED" });
      },
      createOrder: async () => {
        const answer = await openPayPalOrder(checkout, agreedTo.current);
        if ("type" in answer) {
          ended = answer;
          throw new Error("There is no PayPal order to approve.");
        }
        order = answer;
        return answer.id;
      },
      onApprove: lookUp,
      // A closed window tells nothing: the buyer may have confirmed before.
      onCancel: lookUp,
      onError: (error) => {
        if (ended) dispatch(ended);
        else if (order?.approvalUrl && isBlockedWindow(error)) browserLocation.goTo(order.approvalUrl);
        else lookUp();
      },
    });
    if (button.isEligible() && place.current) void button.render(place.current);
    else setRefused(true);
    return () => {
      void button.close();
    };
  }, [script, checkout, dispatch]);
  if (isRefused) return <p role="alert">PayPal can’t be used in this browser. Please pay in another way.</p>;
  return <div ref={place} className="paypal-button" />;
}

/** The buyer may confirm and close everything but this page: PayPal tells the shop, and the shop this page. */
function useLookWhileAway(orderId: string, isPaying: boolean, dispatch: Dispatch<CheckoutEvent>): void {
  useEffect(() => {
    if (!isPaying) return undefined;
    const timer = setInterval(() => {
      shop.getCheckout(orderId).then(
        (now) => {
          if (outcomeOf(now).type !== "NOT_CHARGED") dispatch({ type: "OUTCOME_UNKNOWN", checkout: now });
        },
        () => undefined, // Asked again in a moment.
      );
    }, payPalWindowPolicy.lookMs);
    return () => {
      clearInterval(timer);
    };
  }, [orderId, isPaying, dispatch]);
}
