import type { Address, Config, NewCheckout } from "../api/types";

/** What step 1 asks for. Kept for the tab only (sessionStorage), so that a refresh does not cost the typing. */
export interface Draft extends Address {
  email: string;
  save_address: boolean;
}

export type DraftField = Exclude<keyof Draft, "save_address">;

const NAME = "artisans-hub.checkout-details";

export const emptyDraft: Draft = {
  email: "",
  name: "",
  line1: "",
  line2: "",
  city: "",
  region: "",
  postal_code: "",
  country: "",
  phone: "",
  save_address: false,
};

/** What was typed before, else what the shop knows of a registered buyer. */
export function firstDraft(config: Config): Draft {
  const kept = readDraft();
  if (kept) return config.buyer ? { ...kept, email: config.buyer.email } : kept;
  const [address] = config.addresses;
  const known = config.buyer ? { email: config.buyer.email, name: config.buyer.name } : {};
  return { ...emptyDraft, ...known, ...(address ? addressOf(address) : {}) };
}

export function addressOf(from: Address): Address {
  const { name, line1, line2, city, region, postal_code, country, phone } = from;
  return { name, line1, line2, city, region, postal_code, country, phone };
}

export function toRequest(draft: Draft, cartHash: string): NewCheckout {
  const address = addressOf(draft);
  for (const field of Object.keys(address) as (keyof Address)[]) address[field] = address[field].trim();
  return {
    email: draft.email.trim(),
    cart_hash: cartHash,
    shipping_address: address,
    ...(draft.save_address ? { save_address: true } : {}),
  };
}

export function keepDraft(draft: Draft): void {
  try {
    sessionStorage.setItem(NAME, JSON.stringify(draft));
  } catch {
    // Without storage a refresh starts from an empty form.
  }
}

export function forgetDraft(): void {
  try {
    sessionStorage.removeItem(NAME);
  } catch {
    // There was none.
  }
}

function readDraft(): Draft | null {
  try {
    const value: unknown = JSON.parse(sessionStorage.getItem(NAME) ?? "null");
    if (typeof value !== "object" || value === null) return null;
    const kept = value as Record<string, unknown>;
    const draft: Draft = { ...emptyDraft, save_address: kept["save_address"] === true };
    for (const field of Object.keys(emptyDraft) as (keyof Draft)[]) {
      const text = kept[field];
      if (field !== "save_address" && typeof text === "string") draft[field] = text;
    }
    return draft;
  } catch {
    return null;
  }
}
