import { useLayoutEffect, useRef, type ReactNode } from "react";

/** Whether anything was shown before: the first page of a visit leaves the focus where the browser puts it. */
let isFirst = true;

/** A page's heading. It takes the focus when its page takes the place of another, so that the change is read out. */
export function Heading({ children }: { children: ReactNode }) {
  const heading = useRef<HTMLHeadingElement>(null);
  useLayoutEffect(() => {
    if (!isFirst) heading.current?.focus();
    isFirst = false;
  }, []);
  return (
    <h1 ref={heading} tabIndex={-1}>
      {children}
    </h1>
  );
}
