import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

// Django serves what is built here: django-vite reads the manifest and links the hashed files below /static/.
export default defineConfig({
  base: "/static/",
  plugins: [react()],
  build: {
    outDir: "dist",
    manifest: true,
    target: "es2022",
    // The page's content security policy allows no data: script and no inline style.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: { input: ["src/main.tsx", "src/methods/main.tsx", "src/selling/main.tsx"] },
  },
  test: {
    environment: "jsdom",
    environmentOptions: { jsdom: { url: "http://shop.test/checkout/" } },
    setupFiles: ["src/test/setup.ts"],
    include: ["src/**/*.test.{ts,tsx}"],
    css: false,
  },
});
