// Builds the page into the Python package. Everything is a file of its own: the page's policy allows no inline script or style.

import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

const server = process.env["ARTIFACTD_SERVER"] ?? "http://127.0.0.1:8888";

export default defineConfig({
  plugins: [react()],
  build: {
    outDir: "../src/artifactd/rest/static/page",
    emptyOutDir: true,
    assetsInlineLimit: 0,
    target: "es2022",
    manifest: "manifest.json",
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 1200,
  },
  server: { proxy: { "/apis": server, "/openapi.json": server, "/docs": server } },
});
