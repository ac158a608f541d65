import { useId } from "react";
import type { SavedMethod } from "../api/types";

interface ChoiceProps {
  methods: readonly SavedMethod[];
  /** What the empty id stands for: `Another card`. */
  other: string;
  otherNote?: string;
  chosen: string;
  disabled: boolean;
  onChoose: (id: string) => void;
}

/** A saved way to pay, or another one (the empty id). */
export function SavedChoice({ methods, other, otherNote = "", chosen, disabled, onChoose }: ChoiceProps) {
  const group = useId();
  if (methods.length === 0) return null;
  const options = [...methods.map((method) => ({ id: method.id, title: method.label, note: expiryOf(method) })), { id: "", title: other, note: otherNote }];
  return (
    <div className="saved-addresses" role="radiogroup" aria-label="Pay with">
      {options.map(({ id, title, note }) => (
        <label key={id} className="saved-address">
          <input
            type="radio"
            name={group}
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
  label: string;
  consent: string;
  isGuest: boolean;
  checked: boolean;
  disabled: boolean;
  onChange: (checked: boolean) => void;
}

/** The wish to have a new way to pay kept, with the words that are stored with it. Never ticked for the buyer. */
export function KeepMethod({ label, consent, isGuest, checked, disabled, onChange }: KeepProps) {
  const note = useId();
  return (
    <div className="field check">
      <label>
        <input
          type="checkbox"
          name="save-method"
          checked={checked}
          disabled={disabled}
          aria-describedby={note}
          onChange={(event) => {
            onChange(event.target.checked);
          }}
        />{" "}
        {label}
      </label>
      <p id={note} className="small muted">
        {consent}
        {isGuest && " It is saved once you have created an account, which you can do after paying."}
      </p>
    </div>
  );
}

/** The one that is offered first among these, or else another one. */
export function usualOf(methods: readonly SavedMethod[]): string {
  return (methods.find(({ is_default }) => is_default) ?? methods[0])?.id ?? "";
}

function expiryOf({ expiry_month, expiry_year }: SavedMethod): string {
  if (expiry_month === null || expiry_year === null) return "";
  return `Valid until ${String(expiry_month).padStart(2, "0")}/${String(expiry_year)}`;
}
