import { useLayoutEffect, useRef } from "react";
import type { Notice } from "../machine/states";

/** What the buyer has to know now. It takes the focus, so that it is read out and can't be overlooked. */
export function NoticeBox({ notice }: { notice: Notice }) {
  const box = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    box.current?.focus();
  }, [notice]);
  return (
    <div ref={box} className={`notice ${notice.tone}`} role={notice.tone === "info" ? "status" : "alert"} tabIndex={-1}>
      <p className="notice-title">{notice.title}</p>
      <p>
        {notice.text}
        {notice.link && (
          <>
            {" "}
            <a href={notice.link.href}>{notice.link.text}</a>
          </>
        )}
      </p>
    </div>
  );
}
