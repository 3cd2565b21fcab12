import { defineConfig } from 'vite';

/** The browser client as one file: `/client.js`, and `rcsp-gateway/client`. */
export default defineConfig({
  publicDir: false,
  build: {
    outDir: 'dist/client',
    target: 'es2022',
    minify: 'oxc',
    // Vite leaves the white space in a library's ES module.
    rolldownOptions: { output: { comments: false, minify: { compress: true, mangle: true, codegen: true } } },
    lib: { entry: 'src/client/index.ts', formats: ['es'], fileName: () => 'client.js' },
  },
});
