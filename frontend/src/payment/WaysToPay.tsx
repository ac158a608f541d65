import { useMemo, useState, type Dispatch } from "react";
import type { Checkout, Config, SavedMethod } from "../api/types";
import type { CheckoutEvent, PayMethod } from "../machine/states";
import { CardForm } from "./CardForm";
import { goToHostedPage } from "./elsewhere";
import { takesPayPal } from "./paypal";
import { PayPalForm } from "./PayPalForm";
import { useSavedMethods } from "./saved";

interface Props {
  config: Config;
  checkout: Checkout;
  secret: string;
  method: PayMethod | null;
  isPaying: boolean;
  dispatch: Dispatch<CheckoutEvent>;
}

const WAYS: { method: PayMethod; name: string; hint: string }[] = [
  { method: "card", name: "Card", hint: "Credit or debit card" },
  { method: "paypal", name: "PayPal", hint: "With your PayPal account" },
];

/** Card or PayPal, and a quiet way to Stripe's own page. What was typed into the card fields outlives a change of mind. */
export function WaysToPay({ config, checkout, secret, method: wanted, isPaying, dispatch }: Props) {
  const hasChoice = takesPayPal(config, checkout);
  const saved = useSavedMethods(config.buyer !== null);
  const cards = useMemo(() => (saved ?? []).filter(({ kind }) => kind === "card"), [saved]);
  const accounts = useMemo(() => (saved ?? []).filter(({ kind }) => kind === "paypal"), [saved]);
  const method = hasChoice ? (wanted ?? usualKind(saved ?? [])) : "card";
  const [isGoing, setGoing] = useState(false);
  if (saved === null) return <p role="status">Opening the payment form …</p>;
  if (isGoing && isPaying) return <p role="status">Opening Stripe’s page …</p>;
  return (
    <>
      {hasChoice && (
        <fieldset className="ways-to-pay">
          <legend>How would you like to pay?</legend>
          {WAYS.map((way) => (
            <label key={way.method} className="choice-card">
              <input
                type="radio"
                name="pay-method"
                value={way.method}
                checked={method === way.method}
                disabled={isPaying}
                onChange={() => {
                  dispatch({ type: "METHOD_CHOSEN", method: way.method });
                }}
              />
              <span>
                <strong>{way.name}</strong>
                <span className="small muted">{way.hint}</span>
              </span>
            </label>
          ))}
        </fieldset>
      )}
      <div hidden={method !== "card"}>
        <CardForm
          key={secret}
          config={config}
          checkout={checkout}
          secret={secret}
          cards={cards}
          isPaying={isPaying && method === "card"}
          dispatch={dispatch}
        />
      </div>
      {method === "paypal" && (
        <PayPalForm config={config} checkout={checkout} accounts={accounts} isPaying={isPaying} dispatch={dispatch} />
      )}
      {!isPaying && (
        <p className="hosted-link small">
          <button
            type="button"
            className="link-button"
            onClick={() => {
              setGoing(true);
              dispatch({ type: "PAY_PRESSED" });
              void goToHostedPage(checkout).then((event) => {
                if (!event) return;
                setGoing(false);
                dispatch(event);
              });
            }}
          >
            Or pay on Stripe’s own page
          </button>
        </p>
      )}
    </>
  );
}

/** What is offered first to a buyer who has not chosen yet. */
function usualKind(saved: readonly SavedMethod[]): PayMethod {
  return saved.find(({ is_default }) => is_default)?.kind ?? "card";
}
