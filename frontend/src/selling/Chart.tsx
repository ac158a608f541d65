import { Area, Bar, CartesianGrid, ComposedChart, Tooltip, XAxis, YAxis } from "recharts";
import { formatMoney } from "../money";
import type { DayPoint, Days } from "./types";
import { useWidth } from "./useWidth";
import { day, shortDay } from "./words";

/** The drawing alone. It is loaded when it is shown, and every figure in it stands in the table below it too. */

export const SERIES = [
  { key: "available_minor", name: "Available", className: "chart-available" },
  { key: "pending_minor", name: "Pending", className: "chart-pending" },
  { key: "reserved_minor", name: "Reserved", className: "chart-reserved" },
  { key: "disputed_minor", name: "Disputed", className: "chart-disputed" },
] as const;

const HEIGHT = 260;
const NARROW = 420;

export default function Chart({ days }: { days: Days }) {
  const [box, width] = useWidth();
  const shown = SERIES.filter(({ key }) => key === "available_minor" || key === "pending_minor" || days.points.some((point) => point[key] !== 0));
  return (
    <div ref={box} className="chart">
      <ul className="chart-legend" aria-hidden="true">
        {shown.map(({ key, name, className }) => (
          <li key={key} className={className}>
            {name}
          </li>
        ))}
        <li className="chart-sold">Sold on the day</li>
      </ul>
      <ComposedChart
        width={width}
        height={HEIGHT}
        data={days.points}
        margin={{ top: 8, right: 8, bottom: 0, left: 0 }}
        accessibilityLayer
        title={`Your balance and your sales, day by day, in ${days.currency}`}
      >
        <CartesianGrid vertical={false} />
        <XAxis dataKey="date" tickFormatter={shortDay} minTickGap={width < NARROW ? 40 : 24} tickLine={false} />
        <YAxis tickFormatter={(minor: number) => axisMoney(minor, days.currency)} width={width < NARROW ? 56 : 76} tickLine={false} axisLine={false} />
        <Tooltip isAnimationActive={false} content={({ active, payload }) => (active ? <Told point={payload[0]?.payload as DayPoint | undefined} currency={days.currency} /> : null)} />
        {shown.map(({ key, name, className }) => (
          <Area key={key} type="stepAfter" dataKey={key} name={name} stackId="balance" className={className} isAnimationActive={false} dot={false} />
        ))}
        <Bar dataKey="sold_minor" name="Sold on the day" className="chart-sold" isAnimationActive={false} />
      </ComposedChart>
    </div>
  );
}

/** Whole units on the axis: the exact figures are in the tooltip and the table. */
function axisMoney(minor: number, currency: string): string {
  return formatMoney(Math.round(minor), currency).replace(/[.,]0+$/, "");
}

function Told({ point, currency }: { point: DayPoint | undefined; currency: string }) {
  if (point === undefined) return null;
  return (
    <div className="chart-told">
      <p>{day(point.date)}</p>
      <dl className="sums small">
        {SERIES.filter(({ key }) => point[key] !== 0).map(({ key, name }) => (
          <div key={key}>
            <dt>{name}</dt>
            <dd className="numbers">{formatMoney(point[key], currency)}</dd>
          </div>
        ))}
        <div>
          <dt>Sold on the day</dt>
          <dd className="numbers">{formatMoney(point.sold_minor, currency)}</dd>
        </div>
      </dl>
    </div>
  );
}
