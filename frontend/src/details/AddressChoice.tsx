import type { Country, SavedAddress } from "../api/types";
import { addressOf, emptyDraft, type Draft } from "./draft";

interface Props {
  addresses: readonly SavedAddress[];
  countries: readonly Country[];
  draft: Draft;
  onChoose: (changes: Partial<Draft>) => void;
}

/** A registered buyer's saved addresses. Choosing one fills the fields below, where it can still be changed. */
export function AddressChoice({ addresses, countries, draft, onChoose }: Props) {
  const chosen = addresses.find((address) => isSame(address, draft));
  const nameOf = (code: string) => countries.find((country) => country.code === code)?.name ?? code;
  return (
    <div className="saved-addresses" role="radiogroup" aria-label="Saved addresses">
      {addresses.map((address) => (
        <label key={address.id} className="saved-address">
          <input
            type="radio"
            name="saved-address"
            checked={chosen?.id === address.id}
            onChange={() => {
              onChoose({ ...addressOf(address), save_address: false });
            }}
          />
          <span>
            <strong>{address.name}</strong>
            <span className="small">
              {[address.line1, address.line2, `${address.postal_code} ${address.city}`, nameOf(address.country)]
                .filter(Boolean)
                .join(", ")}
            </span>
          </span>
        </label>
      ))}
      <label className="saved-address">
        <input
          type="radio"
          name="saved-address"
          checked={chosen === undefined}
          onChange={() => {
            onChoose({ ...addressOf(emptyDraft), name: draft.name });
          }}
        />
        <span>Another address</span>
      </label>
    </div>
  );
}

function isSame(address: SavedAddress, draft: Draft): boolean {
  const wanted = addressOf(address);
  return Object.entries(addressOf(draft)).every(([field, value]) => wanted[field as keyof typeof wanted] === value);
}
