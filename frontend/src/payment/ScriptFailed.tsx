/** A payment service's script did not come. */
export function ScriptFailed({ title, onRetry }: { title: string; onRetry: () => void }) {
  return (
    <div className="notice error" role="alert">
      <p className="notice-title">{title}</p>
      <p>Nothing was charged. Check your connection, or whether something in your browser blocks it, and try again.</p>
      <button type="button" className="button" onClick={onRetry}>
        Try again
      </button>
    </div>
  );
}
