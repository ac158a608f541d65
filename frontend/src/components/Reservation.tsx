import { useEffect, useState } from "react";
import { shopNow } from "../api/client";

const MINUTE_MS = 60_000;
/** Minutes before the end at which it is said aloud; every tick would be a nuisance. */
const SPOKEN_AT = [5, 1];

interface Props {
  expiresAt: string;
  onEnd: () => void;
  /** What the time is for: goods that are reserved, or a payment without goods. */
  holds?: "goods" | "payment";
}

/** "Reserved for you until 14:35", with the minutes left, and once, at the end, a call. */
export function Reservation({ expiresAt, onEnd, holds = "goods" }: Props) {
  const end = Date.parse(expiresAt);
  const [left, setLeft] = useState(() => end - shopNow());
  useEffect(() => {
    const tick = () => {
      const now = end - shopNow();
      setLeft(now);
      if (now <= 0) onEnd();
    };
    tick();
    const timer = setInterval(tick, 1000);
    return () => {
      clearInterval(timer);
    };
  }, [end, onEnd]);

  const minutes = Math.max(0, Math.ceil(left / MINUTE_MS));
  // While the number of minutes stays the same the sentence does too, so it is announced once.
  const words = holds === "goods" ? "Your goods are reserved for" : "You can pay here for";
  const spoken = SPOKEN_AT.includes(minutes) ? `${words} ${inMinutes(minutes)} more.` : "";
  return (
    <p className={minutes <= 2 ? "reservation soon" : "reservation"}>
      {holds === "goods" ? "Reserved for you until" : "You can pay here until"} <strong>{clockTime(end)}</strong>
      <span className="muted"> · {minutes <= 1 ? "under a minute" : `${String(minutes)} min`} left</span>
      <span className="visually-hidden" role="status">
        {spoken}
      </span>
    </p>
  );
}

function inMinutes(minutes: number): string {
  return minutes === 1 ? "1 minute" : `${String(minutes)} minutes`;
}

/** The buyer's local time. */
function clockTime(at: number): string {
  return new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" }).format(at);
}
