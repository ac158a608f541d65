import { useId, useState } from "react";
import type { Cart, LineProblem, Quote } from "../api/types";
import { formatMoney } from "../money";

interface SummaryLine {
  key: string;
  title: string;
  imageUrl: string;
  quantity: number;
  totalMinor: number;
  problem: LineProblem | null;
}

interface SummaryGroup {
  key: string;
  artisan: string;
  lines: SummaryLine[];
  shippingMinor: number;
}

export interface SummaryData {
  currency: string;
  groups: SummaryGroup[];
  goodsMinor: number;
  shippingMinor: number;
  totalMinor: number;
}

export function summaryOfCart(cart: Cart): SummaryData {
  return {
    currency: cart.currency,
    goodsMinor: cart.goods_minor,
    shippingMinor: cart.shipping_minor,
    totalMinor: cart.total_minor,
    groups: cart.groups.map((group) => ({
      key: group.artisan.id,
      artisan: group.artisan.name,
      shippingMinor: group.shipping_minor,
      lines: group.items.map((item) => ({
        key: item.product.id,
        title: item.product.title,
        imageUrl: item.product.image_url,
        quantity: item.quantity,
        totalMinor: item.line_total_minor,
        problem: item.problem,
      })),
    })),
  };
}

export function summaryOfQuote(quote: Quote): SummaryData {
  return {
    currency: quote.currency,
    goodsMinor: quote.goods_minor,
    shippingMinor: quote.shipping_minor,
    totalMinor: quote.total_minor,
    groups: quote.groups.map((group) => ({
      key: group.artisan.id,
      artisan: group.artisan.name,
      shippingMinor: group.shipping_minor,
      lines: group.lines.map((line, index) => ({
        key: `${String(index)}-${line.title}`,
        title: line.title,
        imageUrl: line.image_url,
        quantity: line.quantity,
        totalMinor: line.line_total_minor,
        problem: null,
      })),
    })),
  };
}

const PROBLEM_WORDS: Record<LineProblem, string> = {
  unavailable: "Not for sale any more",
  sold_out: "Sold out",
  not_enough: "Fewer pieces left than you want",
  price_changed: "The price has changed since you added it",
};

/** When the money is taken of an order whose quote is frozen. */
const CHARGE_WORDS = {
  now: "This is exactly what you will be charged.",
  "on acceptance":
    "Reserved now, charged when the artisans confirm, and never more than this. What an artisan can't make is not charged.",
};

interface SummaryProps {
  data: SummaryData;
  charged: keyof typeof CHARGE_WORDS | null;
  /** A refund that came by mistake is paid back: nothing is bought or sent. */
  isRepayment?: boolean;
}

/** What is bought, from whom, and what it costs. Beside the form on wide screens, folded above it on a phone. */
export function Summary({ data, charged, isRepayment = false }: SummaryProps) {
  const [isOpen, setOpen] = useState(false);
  const bodyId = useId();
  const total = formatMoney(data.totalMinor, data.currency);
  return (
    <section className="order-summary card" aria-label="Order summary">
      <h2 className="wide-only">{isRepayment ? "What you pay back" : "Your order"}</h2>
      <button
        type="button"
        className="summary-toggle"
        aria-expanded={isOpen}
        aria-controls={bodyId}
        onClick={() => {
          setOpen(!isOpen);
        }}
      >
        <span>{isRepayment ? "What you pay back" : isOpen ? "Hide your order" : "Show your order"}</span>
        <span className="numbers">{total}</span>
      </button>
      <div id={bodyId} className={isOpen ? "summary-body open" : "summary-body"}>
        {data.groups.map((group) => (
          <GroupOfArtisan key={group.key} group={group} currency={data.currency} isSent={!isRepayment} />
        ))}
        <dl className="sums">
          {!isRepayment && (
            <>
              <dt>Goods</dt>
              <dd className="numbers">{formatMoney(data.goodsMinor, data.currency)}</dd>
              <dt>Shipping</dt>
              <dd className="numbers">{formatMoney(data.shippingMinor, data.currency)}</dd>
            </>
          )}
          <dt className="total">Total</dt>
          <dd className="total numbers">{total}</dd>
        </dl>
        <p className="small muted">
          {charged && `${CHARGE_WORDS[charged]} `}
          {!isRepayment && "Taxes are included."}
        </p>
      </div>
    </section>
  );
}

function GroupOfArtisan({ group, currency, isSent }: { group: SummaryGroup; currency: string; isSent: boolean }) {
  return (
    <section className="summary-group" aria-label={`From ${group.artisan}`}>
      <h3>{group.artisan}</h3>
      <ul>
        {group.lines.map((line) => (
          <li key={line.key} className={isSent ? undefined : "plain"}>
            {line.imageUrl ? <img src={line.imageUrl} alt="" width={56} height={56} /> : isSent && <span className="no-image" />}
            <span className="line-title">
              {line.title}
              {isSent && (
                <span className="muted small line-quantity">{line.quantity === 1 ? "1 piece" : `${String(line.quantity)} pieces`}</span>
              )}
              {line.problem && <strong className="line-problem">{PROBLEM_WORDS[line.problem]}</strong>}
            </span>
            <span className="numbers">{formatMoney(line.totalMinor, currency)}</span>
          </li>
        ))}
      </ul>
      {isSent && (
        <p className="group-shipping small">
          <span>Shipping of this parcel</span>
          <span className="numbers">{formatMoney(group.shippingMinor, currency)}</span>
        </p>
      )}
    </section>
  );
}
