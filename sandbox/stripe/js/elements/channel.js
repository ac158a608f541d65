/**
 * The card frame's side of the conversation with the merchant's page. The page's origin is named in the frame's
 * address by Stripe.js; messages from any other origin or window are ignored, and ours go to that origin only.
 */

const pageOrigin = new URLSearchParams(location.hash.slice(1)).get("origin") ?? "";
const frameId = new URLSearchParams(location.hash.slice(1)).get("frame") ?? "";

export function send(type, payload = {}) {
  if (pageOrigin !== "") window.parent.postMessage({ frame: frameId, type, ...payload }, pageOrigin);
}

/** `handlers` by message type; what an asked handler returns goes back under the question's number. */
export function listen(handlers) {
  window.addEventListener("message", (event) => {
    if (event.origin !== pageOrigin || event.source !== window.parent) return;
    const { frame, type, question, payload } = event.data ?? {};
    if (frame !== frameId || !Object.hasOwn(handlers, type)) return;
    void Promise.resolve(handlers[type](payload ?? {})).then((answer) => {
      if (question !== undefined) send("answer", { question, answer });
    });
  });
}
