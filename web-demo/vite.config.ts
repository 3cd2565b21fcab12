import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import react from '@vitejs/plugin-react';
import { promisify } from 'node:util';
import { brotliCompress, gzip as gzipCallback } from 'node:zlib';
import { defineConfig } from 'vite';
import type { Plugin } from 'vite';

const gzip = promisify(gzipCallback);
const brotli = promisify(brotliCompress);

/** `npx vite web-demo` serves the page while it is worked on; a gateway on port 8080 answers for it. */
const GATEWAY = { target: 'http://127.0.0.1:8080', changeOrigin: true, ws: true };

/** The client and the page's own code are loaded beside the entry, which is small and imports them. */
function pagePreloaded(): Plugin {
  return {
    name: 'page-preloaded',
    apply: 'build',
    transformIndexHtml: {
      order: 'post',
      handler(_html, { bundle = {} }) {
        const chunks = Object.values(bundle).filter((each) => each.type === 'chunk');
        const entry = chunks.find(({ isEntry }) => isEntry);
        const parts = ['main', 'page'].map((wanted) =>
          chunks.find(({ name, isEntry }) => name === wanted && !isEntry),
        );
        const files = parts.flatMap((part) => {
          if (part === undefined) throw new Error('There is no chunk of the page.');
          return [part.fileName, ...part.imports];
        });
        const there = new Set([entry?.fileName, ...(entry?.imports ?? [])]);
        return [...new Set(files)]
          .filter((file) => !there.has(file))
          .map((file) => ({
            tag: 'link',
            attrs: { rel: 'modulepreload', crossorigin: true, href: `./${file}` },
            injectTo: 'head' as const,
          }));
      },
    },
  };
}

/** What the gateway serves to browsers that take it. */
function compressed(): Plugin {
  return {
    name: 'compressed',
    apply: 'build',
    // What is on the disk in the end: other plugins still change the bundle before.
    async writeBundle({ dir = '' }, bundle) {
      const names = Object.keys(bundle).filter((name) => /\.(js|css)$/.test(name));
      await Promise.all(names.map((name) => compress(join(dir, name))));
    },
  };
}

async function compress(path: string): Promise<void> {
  const bytes = await readFile(path);
  const [gz, br] = await Promise.all([gzip(bytes, { level: 9 }), brotli(bytes)]);
  await writeFile(`${path}.gz`, gz);
  // Browsers take it over HTTPS and on the gateway's own machine.
  await writeFile(`${path}.br`, br);
}

export default defineConfig({
  root: import.meta.dirname,
  base: './',
  plugins: [react(), pagePreloaded(), compressed()],
  build: {
    outDir: '../dist/web-demo',
    license: { fileName: 'assets/licenses.md' },
    emptyOutDir: true,
    target: 'es2022',
    chunkSizeWarningLimit: 700,
    // One sheet, small: a view needs nothing but its script, which either loads or does not.
    cssCodeSplit: false,
    rolldownOptions: {
      output: {
        codeSplitting: {
          // Each with all that it imports: a file more is a round trip more.
          groups: [
            { name: 'entry', test: /src\/entry\.ts$|rolldown.runtime/, priority: 3 },
            { name: 'main', test: /src\/main\.ts$/, priority: 2 },
            { name: 'page', test: /src\/page\.tsx$/, priority: 1 },
          ],
        },
      },
    },
  },
  server: { proxy: { '/live': GATEWAY, '/v1': GATEWAY, '/ready': GATEWAY, '/openapi.json': GATEWAY } },
});
