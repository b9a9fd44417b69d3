import { defineConfig } from "vite";

// The chat server, for `vite dev`; the built page is served by it and needs no proxy.
const server = "http://127.0.0.1:8080";

export default defineConfig({
  build: { target: "es2022" },
  server: {
    proxy: {
      "/token": server,
      "/ws": { target: server, ws: true },
    },
  },
});
