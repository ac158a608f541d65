import { useCallback, useEffect, useState } from "react";

/** A payment service's script: null until it is there, and another attempt after it failed. `load` must be stable. */
export function useScript<T>(load: () => Promise<T>): { script: T | null; hasFailed: boolean; again: () => void } {
  const [script, setScript] = useState<T | null>(null);
  const [attempt, setAttempt] = useState(0);
  const [failedAttempt, setFailedAttempt] = useState<number | null>(null);
  useEffect(() => {
    let isCurrent = true;
    load().then(
      (ready) => {
        // In a function of its own, for React calls what it is given if that is a function.
        if (isCurrent) setScript(() => ready);
      },
      () => {
        if (isCurrent) setFailedAttempt(attempt);
      },
    );
    return () => {
      isCurrent = false;
    };
  }, [load, attempt]);
  const again = useCallback(() => {
    setAttempt((before) => before + 1);
  }, []);
  return { script, hasFailed: script === null && failedAttempt === attempt, again };
}
