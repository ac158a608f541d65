/** Scripts of payment services: each address once, and again after it failed. */

const loading = new Map<string, Promise<void>>();

export function loadScript(url: string, attributes: Record<string, string> = {}): Promise<void> {
  const known = loading.get(url);
  if (known) return known;
  const script = new Promise<void>((resolve, reject) => {
    const element = document.createElement("script");
    element.src = url;
    element.async = true;
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    element.onload = () => {
      resolve();
    };
    element.onerror = () => {
      element.remove();
      loading.delete(url);
      reject(new Error("The payment service's script could not be loaded."));
    };
    document.head.append(element);
  });
  loading.set(url, script);
  return script;
}
