import { useLayoutEffect, useRef, type RefObject } from "react";

/** What has taken the place of the button that was pressed takes its focus too, and is read out. */
export function useFocus<T extends HTMLElement>(wanted = true): RefObject<T | null> {
  const element = useRef<T>(null);
  useLayoutEffect(() => {
    if (wanted) element.current?.focus();
  }, [wanted]);
  return element;
}
