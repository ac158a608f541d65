/**
 * Idempotency keys, one per intention of the buyer.
 *
 * The key outlives a lost answer and even a reload of the page (sessionStorage), so the repeated request is recognised
 * by the shop. It is forgotten as soon as an answer has arrived: what the buyer does next is a new intention.
 */

const PREFIX = "artisans-hub.intention.";

interface Kept {
  key: string;
  /** Of what was asked for. Other content is another intention and must not travel under the old key. */
  fingerprint: string;
}

/** The key for this intention with this content: the one kept from an unanswered attempt, else a new one. */
export function keyFor(intention: string, content: unknown): string {
  const fingerprint = digest(JSON.stringify(content));
  const kept = read(intention);
  if (kept?.fingerprint === fingerprint) return kept.key;
  const key = newKey();
  write(intention, { key, fingerprint });
  return key;
}

export function answered(intention: string): void {
  try {
    sessionStorage.removeItem(PREFIX + intention);
  } catch {
    memory.delete(intention);
  }
  memory.delete(intention);
}

/** 128 random bits. (crypto.randomUUID exists only on https.) */
export function newKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return `web-${Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("")}`;
}

/** Where the browser keeps no session storage (private modes), keys live as long as the page. */
const memory = new Map<string, Kept>();

function read(intention: string): Kept | null {
  try {
    const text = sessionStorage.getItem(PREFIX + intention);
    if (text !== null) {
      const value = JSON.parse(text) as Partial<Kept>;
      if (typeof value.key === "string" && typeof value.fingerprint === "string") {
        return { key: value.key, fingerprint: value.fingerprint };
      }
    }
  } catch {
    return memory.get(intention) ?? null;
  }
  return memory.get(intention) ?? null;
}

function write(intention: string, kept: Kept): void {
  memory.set(intention, kept);
  try {
    sessionStorage.setItem(PREFIX + intention, JSON.stringify(kept));
  } catch {
    // The copy in memory serves.
  }
}

/**
 * 64 bits of FNV-1a, so that no address is written down beside the key. It only has to notice a change of content;
 * should two contents ever agree, the shop refuses the reused key and nothing is done twice.
 */
function digest(text: string): string {
  let hash = 0xcbf29ce484222325n;
  for (const byte of new TextEncoder().encode(text)) {
    hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100000001b3n);
  }
  return hash.toString(16);
}
