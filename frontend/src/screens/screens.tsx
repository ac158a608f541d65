import { useEffect } from "react";
import type { Checkout } from "../api/types";
import { browserLocation } from "../checkout/location";
import { StepHeading } from "../components/StepHeading";
import { NoticeBox } from "../components/NoticeBox";
import type { Notice } from "../machine/states";
import { formatMoney } from "../money";

/** The screens on which the buyer has nothing to fill in. Each says what happened to the money. */

export function Loading({ text = "Loading the checkout …" }: { text?: string }) {
  return (
    <p className="waiting" role="status">
      {text}
    </p>
  );
}

export function Unavailable({ notice, onRetry }: { notice: Notice | null; onRetry: () => void }) {
  return (
    <div className="screen">
      {notice && <NoticeBox notice={notice} />}
      <button type="button" className="button" onClick={onRetry}>
        Try again
      </button>
    </div>
  );
}

export function EmptyCart() {
  return (
    <div className="screen">
      <StepHeading>Your cart is empty</StepHeading>
      <p className="lead muted">There is nothing to pay for. Pieces from all workshops fit in one cart.</p>
      <p className="actions">
        <a className="button" href="/">
          Look around
        </a>
        <a href="/orders/">See your orders</a>
      </p>
    </div>
  );
}

/** How many look-ups without a result before the buyer is told that it takes longer. */
const LONG_WAIT = 6;

export function Checking({ checkout, orderId, lookups }: { checkout: Checkout | null; orderId: string | null; lookups: number }) {
  const isLong = lookups >= LONG_WAIT;
  const orderUrl = checkout?.order_url ?? (orderId === null ? null : `/orders/${orderId}/`);
  return (
    <div className="screen">
      <StepHeading>We are checking your payment</StepHeading>
      <p className="lead" role="status">
        {isLong
          ? "This takes longer than usual. We keep asking the payment service, also when you close this page, and write to you by e-mail."
          : "Please wait a moment and do not pay again. We are asking the payment service what happened."}
      </p>
      <progress className="bar" aria-label="Checking your payment" />
      {isLong && orderUrl !== null && (
        <p>
          Please do not pay again. <a href={orderUrl}>The page of your order</a> always shows how it stands.
        </p>
      )}
    </div>
  );
}

/** Paid, or reserved until the artisans accept: the order's own page tells the rest. */
export function Placed({ checkout }: { checkout: Checkout }) {
  useEffect(() => {
    browserLocation.leaveFor(checkout.order_url);
  }, [checkout.order_url]);
  return (
    <div className="screen">
      <StepHeading>{checkout.status === "paid" ? "Thank you, your payment has arrived" : "Thank you, your order is placed"}</StepHeading>
      <p className="lead" role="status">
        Opening your order …
      </p>
      <p>
        <a href={checkout.order_url}>Go to your order</a>
      </p>
    </div>
  );
}

export function Left() {
  useEffect(() => {
    browserLocation.leaveFor("/cart/");
  }, []);
  return (
    <div className="screen">
      <StepHeading>Your order was given up</StepHeading>
      <p className="lead">
        Nothing was charged. <a href="/cart/">Go to your cart</a>
      </p>
    </div>
  );
}

export function Expired({ onAgain }: { onAgain: () => void }) {
  return (
    <div className="screen">
      <StepHeading>Your reservation has ended</StepHeading>
      <p className="lead">
        Nothing was charged. Your cart is kept. We can reserve the goods again, at today’s prices and as far as they are still
        there.
      </p>
      <p className="actions">
        <AgainButton onAgain={onAgain} text="Reserve again" />
        <a href="/cart/">Go to your cart</a>
      </p>
    </div>
  );
}

/** The payment of a refund that came by mistake can't be made here any more: its page tells how it stands. */
export function RepaymentOver({ url }: { url: string }) {
  return (
    <div className="screen">
      <StepHeading>This payment is closed</StepHeading>
      <p className="lead">
        Its time was over, or it was ended in another window. If money was taken all the same and is not asked for any more,
        you get it back by itself.
      </p>
      <p className="actions">
        <a className="button" href={url}>
          See how it stands
        </a>
      </p>
    </div>
  );
}

export function Closed({ checkout, onAgain }: { checkout: Checkout; onAgain: () => void }) {
  if (checkout.status === "canceled") {
    return (
      <div className="screen">
        <StepHeading>This checkout was closed</StepHeading>
        <p className="lead">
          It was given up or replaced by a newer one, perhaps in another window. Nothing was charged for it, and it can’t be
          paid any more.
        </p>
        <p className="actions">
          <AgainButton onAgain={onAgain} text="Start again with your cart" />
        </p>
      </div>
    );
  }
  const amount = formatMoney(checkout.quote.total_minor, checkout.quote.currency);
  return (
    <div className="screen">
      <StepHeading>Your payment came too late</StepHeading>
      <p className="lead">
        {checkout.status === "refunded"
          ? `The goods were no longer available, so we have sent ${amount} back to where you paid from. Banks take 5 to 10 days to show it.`
          : `The goods were no longer available, so we are sending ${amount} back to where you paid from. You will get an e-mail when it is done.`}
      </p>
      <p className="actions">
        <a className="button" href={checkout.order_url}>
          See the order
        </a>
      </p>
    </div>
  );
}

function AgainButton({ onAgain, text }: { onAgain: () => void; text: string }) {
  return (
    <button type="button" className="button" onClick={onAgain}>
      {text}
    </button>
  );
}
