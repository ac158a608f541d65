import { useCallback, type Dispatch } from "react";
import type { Checkout, Config } from "../api/types";
import { NoticeBox } from "../components/NoticeBox";
import { Reservation } from "../components/Reservation";
import { StepHeading } from "../components/StepHeading";
import type { CheckoutEvent, Notice, PayMethod, Phase } from "../machine/states";
import { WaysToPay } from "./WaysToPay";

interface Props {
  config: Config;
  checkout: Checkout;
  phase: Phase;
  method: PayMethod | null;
  notice: Notice | null;
  dispatch: Dispatch<CheckoutEvent>;
}

/** Step 2: what was agreed, how long it holds, and the ways to pay. */
export function PaymentStep({ config, checkout, phase, method, notice, dispatch }: Props) {
  const ended = useCallback(() => {
    dispatch({ type: "EXPIRED" });
  }, [dispatch]);
  const isPaying = phase === "paying";
  const secret = checkout.payment?.client_secret ?? null;
  const repaymentUrl = checkout.repayment_url;
  return (
    <div className="step">
      <StepHeading quiet={notice !== null}>Payment</StepHeading>
      {notice && phase !== "preparing" && <NoticeBox notice={notice} />}
      <Reservation expiresAt={checkout.quote.expires_at} onEnd={ended} holds={repaymentUrl === null ? "goods" : "payment"} />
      <Delivery
        checkout={checkout}
        config={config}
        onChange={
          isPaying || repaymentUrl !== null
            ? null
            : () => {
                dispatch({ type: "RELOAD", orderId: null });
              }
        }
      />
      {phase === "preparing" && <p role="status">Opening the payment form …</p>}
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
        <WaysToPay
          config={config}
          checkout={checkout}
          secret={secret}
          method={method}
          isPaying={isPaying}
          dispatch={dispatch}
        />
      )}
      {!isPaying && phase !== "leaving" && (
        <p className="actions">
          {repaymentUrl === null ? (
            <button
              type="button"
              className="link-button"
              onClick={() => {
                dispatch({ type: "LEAVE" });
              }}
            >
              Give up this order and go back to the cart
            </button>
          ) : (
            <a href={repaymentUrl}>Back to what we ask for; you can still decline</a>
          )}
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
      {checkout.repayment_url === null && (
        <p>
          <span className="label">Delivery to</span>
          {[name, line1, line2, `${postal_code} ${city}`, region, countryName].filter(Boolean).join(", ")}
        </p>
      )}
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
