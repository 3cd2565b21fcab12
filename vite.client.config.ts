import { defineConfig } from 'vite';

/** The browser client as one file: `/client.js`, and `rcsp-gateway/client`. */
export default defineConfig({
  publicDir: false,
  build: {
    outDir: 'dist/client',
    target: 'es2022',
    minify: 'oxc',
    lib: { entry: 'src/client/index.ts', formats: ['es'], fileName: () => 'client.js' },
  },
});
