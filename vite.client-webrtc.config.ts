import { defineConfig } from 'vite';

/** What the browser client loads for data channels, as one classic script: `/client-webrtc.js`. */
export default defineConfig({
  publicDir: false,
  build: {
    outDir: 'dist/client',
    // The client was built into the same folder before.
    emptyOutDir: false,
    target: 'es2022',
    minify: 'oxc',
    lib: {
      entry: 'src/client/data-channel.ts',
      formats: ['iife'],
      name: 'rcspDataChannelScript',
      fileName: () => 'client-webrtc.js',
    },
  },
});
