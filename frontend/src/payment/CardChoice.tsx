import type { SavedMethod } from "../api/types";

interface ChoiceProps {
  cards: readonly SavedMethod[];
  chosen: string;
  disabled: boolean;
  onChoose: (id: string) => void;
}

/** A saved card, or the fields for another one (the empty id). */
export function CardChoice({ cards, chosen, disabled, onChoose }: ChoiceProps) {
  if (cards.length === 0) return null;
  const options = [...cards.map((card) => ({ id: card.id, title: card.label, note: expiryOf(card) })), { id: "", title: "Another card", note: "" }];
  return (
    <div className="saved-addresses" role="radiogroup" aria-label="Pay with">
      {options.map(({ id, title, note }) => (
        <label key={id} className="saved-address">
          <input
            type="radio"
            name="saved-card"
            checked={chosen === id}
            disabled={disabled}
            onChange={() => {
              onChoose(id);
            }}
          />
          <span>
            <strong>{title}</strong>
            {note && <span className="small">{note}</span>}
          </span>
        </label>
      ))}
    </div>
  );
}

interface KeepProps {
  consent: string;
  isGuest: boolean;
  checked: boolean;
  disabled: boolean;
  onChange: (checked: boolean) => void;
}

/** The wish to have the new card kept, with the words that are stored with it. Never ticked for the buyer. */
export function KeepCard({ consent, isGuest, checked, disabled, onChange }: KeepProps) {
  return (
    <div className="field check">
      <label>
        <input
          type="checkbox"
          name="save-method"
          checked={checked}
          disabled={disabled}
          aria-describedby="save-method-note"
          onChange={(event) => {
            onChange(event.target.checked);
          }}
        />{" "}
        Save this card
      </label>
      <p id="save-method-note" className="small muted">
        {consent}
        {isGuest && " It is saved once you have created an account, which you can do after paying."}
      </p>
    </div>
  );
}

function expiryOf({ expiry_month, expiry_year }: SavedMethod): string {
  if (expiry_month === null || expiry_year === null) return "";
  return `Valid until ${String(expiry_month).padStart(2, "0")}/${String(expiry_year)}`;
}
