import { useEffect, type Dispatch, type ReactNode } from "react";
import { Steps } from "../components/Steps";
import { Summary, summaryOfCart, summaryOfQuote } from "../components/Summary";
import { DetailsStep } from "../details/DetailsStep";
import { forgetDraft } from "../details/draft";
import type { CheckoutEvent, CheckoutState } from "../machine/states";
import { PaymentStep } from "../payment/PaymentStep";
import { Checking, Closed, EmptyCart, Expired, Left, Loading, Placed, RepaymentOver, Unavailable } from "../screens/screens";
import { useCheckout } from "./useCheckout";

/** The checkout page: the screen of the phase that the buyer is in. */
export function Checkout() {
  const [state, dispatch] = useCheckout();
  useEffect(() => {
    if (state.phase === "placed") forgetDraft();
  }, [state.phase]);
  return <div className="checkout wrap">{screenOf(state, dispatch)}</div>;
}

function screenOf(state: CheckoutState, dispatch: Dispatch<CheckoutEvent>): ReactNode {
  const { phase, config, cart, checkout } = state;
  const startAgain = () => {
    dispatch({ type: "RELOAD", orderId: null });
  };
  switch (phase) {
    case "loading":
      return <Loading />;
    case "unavailable":
      return (
        <Unavailable
          notice={state.notice}
          onRetry={() => {
            dispatch({ type: "RELOAD", orderId: state.orderId });
          }}
        />
      );
    case "empty":
      return <EmptyCart />;
    case "details":
    case "quoting":
      if (!config || !cart) return <Loading />;
      return (
        <TwoColumns step={1} aside={<Summary data={summaryOfCart(cart)} charged={null} />}>
          <DetailsStep
            config={config}
            cart={cart}
            notice={state.notice}
            fieldErrors={state.fieldErrors}
            isSending={phase === "quoting"}
            onSend={(details) => {
              dispatch({ type: "DETAILS_SENT", details });
            }}
          />
        </TwoColumns>
      );
    case "preparing":
    case "stuck":
    case "payment":
    case "paying":
    case "leaving":
      if (!config || !checkout) return <Loading />;
      return (
        <TwoColumns
          step={checkout.repayment_url === null ? 2 : null}
          aside={
            <Summary
              data={summaryOfQuote(checkout.quote)}
              charged={checkout.is_authorized_first ? "on acceptance" : "now"}
              isRepayment={checkout.repayment_url !== null}
            />
          }
        >
          <PaymentStep config={config} checkout={checkout} phase={phase} method={state.method} notice={state.notice} dispatch={dispatch} />
        </TwoColumns>
      );
    case "checking":
      return <Checking checkout={checkout} orderId={state.orderId} lookups={state.lookups} />;
    case "placed":
      return checkout && <Placed checkout={checkout} />;
    case "left":
      return <Left />;
    case "expired":
      if (checkout?.repayment_url) return <RepaymentOver url={checkout.repayment_url} />;
      return <Expired onAgain={startAgain} />;
    case "closed":
      if (checkout?.repayment_url) return <RepaymentOver url={checkout.repayment_url} />;
      return checkout && <Closed checkout={checkout} onAgain={startAgain} />;
  }
}

function TwoColumns({ step, aside, children }: { step: 1 | 2 | null; aside: ReactNode; children: ReactNode }) {
  return (
    <>
      {step !== null && <Steps current={step} />}
      <div className="checkout-columns">
        {aside}
        {children}
      </div>
    </>
  );
}
