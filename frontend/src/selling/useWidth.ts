import { useLayoutEffect, useRef, useState, type RefObject } from "react";

const UNKNOWN = 600;

/** The width of an element in pixels, and again whenever it changes. */
export function useWidth(): [RefObject<HTMLDivElement | null>, number] {
  const element = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(UNKNOWN);
  useLayoutEffect(() => {
    const box = element.current;
    if (box === null || typeof ResizeObserver === "undefined") return;
    const observer = new ResizeObserver(() => {
      setWidth(Math.floor(box.clientWidth) || UNKNOWN);
    });
    observer.observe(box);
    return () => {
      observer.disconnect();
    };
  }, []);
  return [element, width];
}
