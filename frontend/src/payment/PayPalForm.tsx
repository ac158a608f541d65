import { useRef, useState, type Dispatch, type SubmitEvent } from "react";
import type { Checkout, Config, SavedMethod } from "../api/types";
import type { CheckoutEvent } from "../machine/states";
import { formatMoney } from "../money";
import { paySavedPayPal } from "./elsewhere";
import { PayPalWindow } from "./PayPalWindow";
import { SavedChoice, usualOf } from "./SavedChoice";

interface Props {
  config: Config;
  checkout: Checkout;
  accounts: readonly SavedMethod[];
  isPaying: boolean;
  dispatch: Dispatch<CheckoutEvent>;
}

/** PayPal: an account that the buyer keeps with us, charged in one press; or PayPal's own window. */
export function PayPalForm({ config, checkout, accounts, isPaying, dispatch }: Props) {
  const [picked, setPicked] = useState<string | null>(null);
  const chosen = picked ?? usualOf(accounts);
  const account = accounts.find(({ id }) => id === chosen);
  return (
    <div className="paypal-form">
      <SavedChoice
        methods={accounts}
        other="In PayPal’s window"
        otherNote="With another account, or another card or bank there"
        chosen={chosen}
        disabled={isPaying}
        onChoose={setPicked}
      />
      {account ? (
        <SavedAccount
          account={account}
          checkout={checkout}
          isPaying={isPaying}
          dispatch={dispatch}
          onRefused={() => {
            // There the buyer can choose what else to pay with.
            setPicked("");
          }}
        />
      ) : (
        <PayPalWindow config={config} checkout={checkout} isPaying={isPaying} dispatch={dispatch} />
      )}
    </div>
  );
}

interface SavedProps {
  account: SavedMethod;
  checkout: Checkout;
  isPaying: boolean;
  dispatch: Dispatch<CheckoutEvent>;
  onRefused: () => void;
}

function SavedAccount({ account, checkout, isPaying, dispatch, onRefused }: SavedProps) {
  // State changes only with the next rendering; a second click may come before it.
  const isBusy = useRef(false);
  const amount = formatMoney(checkout.quote.total_minor, checkout.quote.currency);
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    if (isBusy.current || isPaying) return;
    isBusy.current = true;
    dispatch({ type: "PAY_PRESSED" });
    void paySavedPayPal(checkout, account.id).then((outcome) => {
      if (!outcome) return;
      isBusy.current = false;
      if (outcome.type === "PAY_DECLINED") onRefused();
      dispatch(outcome);
    });
  };
  return (
    <form className="pay-form" onSubmit={submit} aria-busy={isPaying}>
      <button className="button wide pay-button" type="submit" aria-disabled={isPaying}>
        {isPaying ? "Paying …" : checkout.is_authorized_first ? `Order and reserve ${amount} with PayPal` : `Pay ${amount} with PayPal`}
      </button>
      <p className="small muted">
        {checkout.is_authorized_first
          ? `${amount} are reserved in your ${account.label} now and charged when the artisans confirm.`
          : `${amount} are taken from your ${account.label} at once. PayPal does not ask you again.`}
      </p>
    </form>
  );
}
