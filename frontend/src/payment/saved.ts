import { useEffect, useState } from "react";
import { getSavedMethods } from "../api/shop";
import type { SavedMethod } from "../api/types";

/** The buyer's saved cards that can be used now; none while they are not known, and none for guests. */
export function useSavedCards(isRegistered: boolean): readonly SavedMethod[] {
  const [cards, setCards] = useState<readonly SavedMethod[]>([]);
  useEffect(() => {
    if (!isRegistered) return;
    let isCurrent = true;
    getSavedMethods().then(
      ({ methods }) => {
        if (isCurrent) setCards(methods.filter(({ kind, status }) => kind === "card" && status === "active"));
      },
      () => {
        // Without the list the card fields are still there.
      },
    );
    return () => {
      isCurrent = false;
    };
  }, [isRegistered]);
  return cards;
}
