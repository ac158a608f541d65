import { useState, type SubmitEvent } from "react";
import type { FieldProblem } from "../api/problems";
import type { Cart, Config, NewCheckout } from "../api/types";
import { ErrorSummary } from "../components/ErrorSummary";
import { SelectField, TextField } from "../components/Field";
import { NoticeBox } from "../components/NoticeBox";
import { StepHeading } from "../components/StepHeading";
import type { Notice } from "../machine/states";
import { AddressChoice } from "./AddressChoice";
import { firstDraft, keepDraft, toRequest, type Draft, type DraftField } from "./draft";
import { validate } from "./validate";

interface Props {
  config: Config;
  cart: Cart;
  notice: Notice | null;
  fieldErrors: readonly FieldProblem[];
  isSending: boolean;
  onSend: (details: NewCheckout) => void;
}

/** Step 1: who buys, and where the parcels go. */
export function DetailsStep({ config, cart, notice, fieldErrors, isSending, onSend }: Props) {
  const [draft, setDraft] = useState<Draft>(() => firstDraft(config));
  const [found, setFound] = useState<FieldProblem[]>([]);
  const [attempt, setAttempt] = useState(0);
  const problems = found.length > 0 ? found : fieldErrors;

  const change = (changes: Partial<Draft>) => {
    const next = { ...draft, ...changes };
    setDraft(next);
    keepDraft(next);
    setFound((before) => before.filter(({ field }) => !(field in changes)));
  };
  const bind = (name: DraftField) => ({
    name,
    value: draft[name],
    error: problems.find(({ field }) => field === name)?.message,
    onChange: (value: string) => {
      change({ [name]: value });
    },
  });
  const send = (event: SubmitEvent) => {
    event.preventDefault();
    if (isSending) return;
    setAttempt(attempt + 1);
    const wrong = validate(draft);
    setFound(wrong);
    if (wrong.length === 0) onSend(toRequest(draft, cart.hash));
  };

  return (
    <form className="step" noValidate onSubmit={send} aria-busy={isSending}>
      <StepHeading quiet={notice !== null}>Where shall we send it?</StepHeading>
      {notice && problems.length === 0 && <NoticeBox notice={notice} />}
      {problems.length > 0 && <ErrorSummary key={attempt} problems={problems} />}
      <fieldset>
        <legend>Contact</legend>
        <TextField
          {...bind("email")}
          label="E-mail"
          type="email"
          inputMode="email"
          autoComplete="email"
          readOnly={config.buyer !== null}
          hint={config.buyer ? "You are logged in." : "For the receipt and news about your parcels. You don't need an account."}
        />
        {config.buyer === null && (
          <p className="small">
            Have an account? <a href="/accounts/login/?next=/checkout/">Log in</a>. Your cart stays as it is.
          </p>
        )}
      </fieldset>
      <fieldset>
        <legend>Delivery address</legend>
        {config.addresses.length > 0 && (
          <AddressChoice addresses={config.addresses} draft={draft} countries={config.countries} onChoose={change} />
        )}
        <TextField {...bind("name")} label="Full name" autoComplete="shipping name" />
        <TextField {...bind("line1")} label="Street and number" autoComplete="shipping address-line1" />
        <TextField {...bind("line2")} label="Flat, floor, company" autoComplete="shipping address-line2" optional />
        <div className="pair">
          <TextField {...bind("postal_code")} label="Postal code" autoComplete="shipping postal-code" />
          <TextField {...bind("city")} label="Town or city" autoComplete="shipping address-level2" />
        </div>
        <div className="pair even">
          <TextField {...bind("region")} label="State or region" autoComplete="shipping address-level1" optional />
          <SelectField
            {...bind("country")}
            label="Country"
            autoComplete="shipping country"
            prompt="Choose a country"
            options={config.countries.map(({ code, name }) => ({ value: code, text: name }))}
          />
        </div>
        <TextField
          {...bind("phone")}
          label="Telephone"
          type="tel"
          inputMode="tel"
          autoComplete="shipping tel"
          hint="Only for the carrier."
          optional
        />
        {config.buyer !== null && (
          <div className="field check">
            <input
              id="checkout-save-address"
              type="checkbox"
              checked={draft.save_address}
              onChange={(event) => {
                change({ save_address: event.target.checked });
              }}
            />
            <label htmlFor="checkout-save-address">Keep this address for the next time</label>
          </div>
        )}
      </fieldset>
      {cart.can_check_out ? (
        <>
          <button className="button wide" type="submit" aria-disabled={isSending}>
            {isSending ? "Reserving your goods …" : "Continue to payment"}
          </button>
          <p className="small muted">Nothing is charged yet. We reserve the goods for you while you pay.</p>
        </>
      ) : (
        <div className="notice warning" role="alert">
          <p>
            Something in your cart can't be bought as it is. <a href="/cart/">Change your cart</a> to go on.
          </p>
        </div>
      )}
    </form>
  );
}
