import { getStatements } from "./api";
import { Section } from "./Parts";
import { useLoad } from "./useLoad";
import { monthName } from "./words";

export function Statements() {
  const [loaded, again] = useLoad(getStatements);
  return (
    <Section title="Monthly statements" id="statements" loaded={loaded} again={again}>
      {({ statements }) =>
        statements.length === 0 ? (
          <p>The first statement comes with the month of your first sale.</p>
        ) : (
          <ul className="money-list">
            {statements.map((one) => {
              const name = `${monthName(one.month)}, ${one.currency}`;
              return (
                <li key={name}>
                  <p>
                    {name}
                    {!one.is_complete && <span className="muted small"> (so far)</span>}
                  </p>
                  <p className="statement-files">
                    <a href={one.pdf_url} download>
                      PDF <span className="visually-hidden">of {name}</span>
                    </a>
                    <a href={one.csv_url} download>
                      CSV <span className="visually-hidden">of {name}</span>
                    </a>
                  </p>
                </li>
              );
            })}
          </ul>
        )
      }
    </Section>
  );
}
