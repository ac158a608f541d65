const STEPS = ["Delivery", "Payment", "Done"] as const;

/** Where in the checkout the buyer is. */
export function Steps({ current }: { current: 1 | 2 | 3 }) {
  return (
    <ol className="steps" aria-label="Checkout steps">
      {STEPS.map((name, index) => {
        const number = index + 1;
        const place = number < current ? "past" : number === current ? "now" : "next";
        return (
          <li key={name} className={place} aria-current={place === "now" ? "step" : undefined}>
            <span className="step-number" aria-hidden="true">
              {place === "past" ? "✓" : number}
            </span>
            {name}
            {place === "past" && <span className="visually-hidden"> (finished)</span>}
          </li>
        );
      })}
    </ol>
  );
}
