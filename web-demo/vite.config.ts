import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import react from '@vitejs/plugin-react';
import { gzipSync } from 'node:zlib';
import { defineConfig } from 'vite';
import type { Plugin } from 'vite';

/** `npx vite web-demo` serves the page while it is worked on; a gateway on port 8080 answers for it. */
const GATEWAY = { target: 'http://127.0.0.1:8080', changeOrigin: true, ws: true };

/** What the gateway serves to browsers that take it. */
function gzipped(): Plugin {
  return {
    name: 'gzipped',
    apply: 'build',
    // What is on the disk in the end: other plugins still change the bundle before.
    writeBundle({ dir = '' }, bundle) {
      for (const fileName of Object.keys(bundle).filter((name) => /\.(js|css)$/.test(name))) {
        const path = join(dir, fileName);
        writeFileSync(`${path}.gz`, gzipSync(readFileSync(path), { level: 9 }));
      }
    },
  };
}

export default defineConfig({
  root: import.meta.dirname,
  base: './',
  plugins: [react(), gzipped()],
  build: {
    outDir: '../dist/web-demo',
    emptyOutDir: true,
    target: 'es2022',
    chunkSizeWarningLimit: 700,
    // One sheet, small: a view needs nothing but its script, which either loads or does not.
    cssCodeSplit: false,
  },
  server: { proxy: { '/live': GATEWAY, '/v1': GATEWAY, '/ready': GATEWAY, '/openapi.json': GATEWAY } },
});
