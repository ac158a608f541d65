import { Elements } from "@stripe/react-stripe-js";
import { useCallback, useMemo, type Dispatch } from "react";
import type { Checkout, Config, SavedMethod } from "../api/types";
import type { CheckoutEvent } from "../machine/states";
import { appearanceFromTokens } from "./appearance";
import { PayForm } from "./PayForm";
import { ScriptFailed } from "./ScriptFailed";
import { stripeFor } from "./stripe";
import { useScript } from "./useScript";

interface Props {
  config: Config;
  checkout: Checkout;
  secret: string;
  cards: readonly SavedMethod[];
  isPaying: boolean;
  dispatch: Dispatch<CheckoutEvent>;
}

/** Loads Stripe.js, then shows the card fields, which are Stripe's own and in a frame of theirs. */
export function CardForm({ config, checkout, secret, cards, isPaying, dispatch }: Props) {
  const load = useCallback(() => stripeFor(config), [config]);
  const { script: stripe, hasFailed, again } = useScript(load);
  const options = useMemo(() => ({ clientSecret: secret, appearance: appearanceFromTokens() }), [secret]);
  if (hasFailed) return <ScriptFailed title="The payment service can't be reached" onRetry={again} />;
  if (stripe === null) return <p role="status">Opening the card form …</p>;
  return (
    <Elements stripe={stripe} options={options}>
      <PayForm config={config} checkout={checkout} cards={cards} isPaying={isPaying} dispatch={dispatch} />
    </Elements>
  );
}
