import { useCallback, useEffect, useState } from "react";

export type Loaded<T> =
  | { state: "loading"; before: T | null }
  | { state: "failed"; error: unknown }
  | { state: "ready"; data: T };

interface Answer<T> {
  /** What was asked, and the how manieth time. */
  load: () => Promise<T>;
  turn: number;
  outcome: { state: "failed"; error: unknown } | { state: "ready"; data: T };
}

/**
 * Loads what `load` gives, anew whenever it changes (so it is made with useCallback). What was there before stays in
 * sight while the next is on its way; an answer that comes after the next question is not shown.
 */
export function useLoad<T>(load: () => Promise<T>): [loaded: Loaded<T>, again: () => void, show: (known: T) => void] {
  const [turn, setTurn] = useState(0);
  const [answer, setAnswer] = useState<Answer<T> | null>(null);
  useEffect(() => {
    let isWanted = true;
    load().then(
      (data) => {
        if (isWanted) setAnswer({ load, turn, outcome: { state: "ready", data } });
      },
      (error: unknown) => {
        if (isWanted) setAnswer({ load, turn, outcome: { state: "failed", error } });
      },
    );
    return () => {
      isWanted = false;
    };
  }, [load, turn]);
  const again = useCallback(() => {
    setTurn((number) => number + 1);
  }, []);
  /** Shows what another request has just answered. */
  const show = useCallback(
    (known: T) => {
      setAnswer({ load, turn, outcome: { state: "ready", data: known } });
    },
    [load, turn],
  );
  if (answer?.load === load && answer.turn === turn) return [answer.outcome, again, show];
  return [{ state: "loading", before: answer?.outcome.state === "ready" ? answer.outcome.data : null }, again, show];
}
