import { useCallback } from "react";
import { getSales } from "./api";
import { Amount, Pager, Section, Tag } from "./Parts";
import { pageOf, withPage } from "./Payouts";
import { Link, payoutUrl, useAddress } from "./router";
import type { Sale } from "./types";
import { useLoad } from "./useLoad";
import { day, saleState } from "./words";

export function Sales() {
  const address = useAddress();
  const page = pageOf(address, "sales");
  const load = useCallback(() => getSales(page), [page]);
  const [loaded, again] = useLoad(load);
  return (
    <Section title="Your sales" id="sales" loaded={loaded} again={again}>
      {(data) =>
        data.count === 0 ? (
          <p>Nothing sold yet. Your first sale appears here as soon as it is paid.</p>
        ) : (
          <>
            <ul className="money-list">
              {data.sales.map((sale) => (
                <One key={sale.id} sale={sale} />
              ))}
            </ul>
            <Pager what="sales" heading="sales" page={data.page} pages={data.pages} href={(number) => withPage(address, "sales", number)} />
          </>
        )
      }
    </Section>
  );
}

function One({ sale }: { sale: Sale }) {
  const { text, tone } = saleState(sale);
  return (
    <li>
      <div>
        <p>
          <a href={sale.url}>{sale.is_repayment ? `Refund paid back: ${sale.titles.join(", ")}` : sale.titles.join(", ") || "An order"}</a> <Tag tone={tone}>{text}</Tag>
        </p>
        <p className="small muted">
          {day(sale.sold_at)} · goods <Amount minor={sale.goods_minor} currency={sale.currency} />, commission{" "}
          <Amount minor={-sale.commission_minor} currency={sale.currency} />, shipping <Amount minor={sale.shipping_minor} currency={sale.currency} />
          {sale.taken_minor > 0 && (
            <>
              , refunded or disputed <Amount minor={-sale.taken_minor} currency={sale.currency} />
            </>
          )}
        </p>
        {sale.payout && (
          <p className="small">
            <Link href={payoutUrl(sale.payout)}>The payout it was in</Link>
          </p>
        )}
      </div>
      <p className="numbers money-amount">
        <strong>
          <Amount minor={sale.share_minor - sale.taken_minor} currency={sale.currency} />
        </strong>
        <span className="small muted">you earn</span>
      </p>
    </li>
  );
}
