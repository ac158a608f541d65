import { useCallback, useEffect, useState } from "react";
import { getMoney, getNextPayout } from "./api";
import { Balances } from "./Balances";
import { Heading } from "./Heading";
import { NextPayout } from "./NextPayout";
import { OverTime } from "./OverTime";
import { Payouts } from "./Payouts";
import { routeOf, useAddress } from "./router";
import { Repayments } from "./Repayments";
import { Sales } from "./Sales";
import { Statements } from "./Statements";
import { useLoad } from "./useLoad";
import { Why } from "./Why";

/** The artisan's dashboard: which of its pages is shown says the address. */
export function Dashboard({ artisan }: { artisan: string }) {
  const route = routeOf(useAddress().pathname);
  const title = route.name === "payout" ? "Why this payout?" : "Your money";
  useEffect(() => {
    document.title = `${title} · Artisan's Hub`;
  }, [title]);
  return route.name === "payout" ? <Why key={route.id} id={route.id} /> : <Overview artisan={artisan} />;
}

function Overview({ artisan }: { artisan: string }) {
  const [money, moneyAgain] = useLoad(getMoney);
  const [next, nextAgain, showNext] = useLoad(getNextPayout);
  const [turn, setTurn] = useState(0);
  const onAsked = useCallback(() => {
    setTurn((number) => number + 1);
    moneyAgain();
    nextAgain();
  }, [moneyAgain, nextAgain]);
  const known = money.state === "ready" ? money.data : money.state === "loading" ? money.before : null;
  return (
    <>
      <p className="eyebrow">{artisan}</p>
      <Heading>Your money</Heading>
      <Balances loaded={money} again={moneyAgain} />
      <NextPayout loaded={next} again={nextAgain} show={showNext} onAsked={onAsked} />
      {known && <OverTime currencies={known.balances.map((balance) => balance.currency)} />}
      <Payouts refresh={turn} />
      <Repayments />
      <Sales />
      <Statements />
    </>
  );
}
