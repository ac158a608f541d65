import { Elements } from "@stripe/react-stripe-js";
import type { Stripe } from "@stripe/stripe-js";
import { useCallback, useEffect, useMemo, useState, type Dispatch } from "react";
import type { Checkout, Config } from "../api/types";
import { NoticeBox } from "../components/NoticeBox";
import { Reservation } from "../components/Reservation";
import { StepHeading } from "../components/StepHeading";
import type { CheckoutEvent, Notice, Phase } from "../machine/states";
import { appearanceFromTokens } from "./appearance";
import { PayForm } from "./PayForm";
import { stripeFor } from "./stripe";

interface Props {
  config: Config;
  checkout: Checkout;
  phase: Phase;
  notice: Notice | null;
  dispatch: Dispatch<CheckoutEvent>;
}

/** Step 2: what was agreed, how long it holds, and the card. */
export function PaymentStep({ config, checkout, phase, notice, dispatch }: Props) {
  const ended = useCallback(() => {
    dispatch({ type: "EXPIRED" });
  }, [dispatch]);
  const isPaying = phase === "paying";
  const secret = checkout.payment?.client_secret ?? null;
  return (
    <div className="step">
      <StepHeading quiet={notice !== null}>Payment</StepHeading>
      {notice && phase !== "preparing" && <NoticeBox notice={notice} />}
      <Reservation expiresAt={checkout.quote.expires_at} onEnd={ended} />
      <Delivery
        checkout={checkout}
        config={config}
        onChange={
          isPaying
            ? null
            : () => {
                dispatch({ type: "RELOAD", orderId: null });
              }
        }
      />
      {phase === "preparing" && <p role="status">Opening the card form …</p>}
      {phase === "leaving" && <p role="status">Giving back your reservation …</p>}
      {phase === "stuck" && (
        <button
          type="button"
          className="button"
          onClick={() => {
            dispatch({ type: "PREPARE_AGAIN" });
          }}
        >
          Try again
        </button>
      )}
      {(phase === "payment" || isPaying) && secret && (
        <CardForm key={secret} config={config} checkout={checkout} secret={secret} isPaying={isPaying} dispatch={dispatch} />
      )}
      {!isPaying && phase !== "leaving" && (
        <p className="actions">
          <button
            type="button"
            className="link-button"
            onClick={() => {
              dispatch({ type: "LEAVE" });
            }}
          >
            Give up this order and go back to the cart
          </button>
        </p>
      )}
    </div>
  );
}

interface DeliveryProps {
  checkout: Checkout;
  config: Config;
  onChange: (() => void) | null;
}

function Delivery({ checkout, config, onChange }: DeliveryProps) {
  const { name, line1, line2, postal_code, city, region, country } = checkout.shipping_address;
  const countryName = config.countries.find(({ code }) => code === country)?.name ?? country;
  return (
    <div className="delivery card">
      <p>
        <span className="label">Delivery to</span>
        {[name, line1, line2, `${postal_code} ${city}`, region, countryName].filter(Boolean).join(", ")}
      </p>
      <p>
        <span className="label">Receipt to</span>
        {checkout.email}
      </p>
      {onChange && (
        <button type="button" className="link-button" onClick={onChange}>
          Change
        </button>
      )}
    </div>
  );
}

interface CardFormProps {
  config: Config;
  checkout: Checkout;
  secret: string;
  isPaying: boolean;
  dispatch: Dispatch<CheckoutEvent>;
}

/** Loads Stripe.js, then shows the card fields, which are Stripe's own and in a frame of theirs. */
function CardForm({ config, checkout, secret, isPaying, dispatch }: CardFormProps) {
  const { stripe, hasFailed, again } = useStripeScript(config);
  const options = useMemo(() => ({ clientSecret: secret, appearance: appearanceFromTokens() }), [secret]);
  if (hasFailed) {
    return (
      <div className="notice error" role="alert">
        <p className="notice-title">The payment service can't be reached</p>
        <p>Nothing was charged. Check your connection, or whether something in your browser blocks it, and try again.</p>
        <button type="button" className="button" onClick={again}>
          Try again
        </button>
      </div>
    );
  }
  if (stripe === null) return <p role="status">Opening the card form …</p>;
  return (
    <Elements stripe={stripe} options={options}>
      <PayForm config={config} checkout={checkout} isPaying={isPaying} dispatch={dispatch} />
    </Elements>
  );
}

function useStripeScript(config: Config) {
  const [stripe, setStripe] = useState<Stripe | null>(null);
  const [attempt, setAttempt] = useState(0);
  const [failedAttempt, setFailedAttempt] = useState<number | null>(null);
  useEffect(() => {
    let isCurrent = true;
    stripeFor(config).then(
      (ready) => {
        if (isCurrent) setStripe(ready);
      },
      () => {
        if (isCurrent) setFailedAttempt(attempt);
      },
    );
    return () => {
      isCurrent = false;
    };
  }, [config, attempt]);
  const again = useCallback(() => {
    setAttempt((before) => before + 1);
  }, []);
  return { stripe, hasFailed: stripe === null && failedAttempt === attempt, again };
}
