import { defineConfig } from 'vite';

/**
 * The command line as a few files in place of some hundred, which take longer to load than the gateway takes to start.
 * Packages stay as they are, but for zod, which comes in a hundred files of its own.
 */
export default defineConfig({
  publicDir: false,
  ssr: { noExternal: ['zod'] },
  build: {
    ssr: 'src/cli/main.ts',
    // Over what the compiler wrote there, so that the command has one path.
    outDir: 'dist/src/cli',
    emptyOutDir: false,
    target: 'node20.19',
    sourcemap: true,
    // Of what is within.
    license: { fileName: 'parts/licenses.md' },
    rolldownOptions: { output: { chunkFileNames: 'parts/[name].js' } },
  },
});
