// Builds the browser client as one ES module, the file that the hub serves as /client.js.

import { defaultClientConditions, defineConfig } from 'vite'

export default defineConfig({
  root: import.meta.dirname,
  // Nothing of the public folder belongs beside it.
  publicDir: false,
  resolve: { conditions: ['source', ...defaultClientConditions] },
  build: {
    target: 'es2022',
    lib: { entry: 'src/client/index.ts', formats: ['es'], fileName: () => 'client.js' },
    outDir: 'dist',
    // The compiled hub lives in the same folder.
    emptyOutDir: false,
    // Vite leaves the white space of ES libraries, for bundlers; this file is for browsers as it is.
    rolldownOptions: { output: { codeSplitting: false, minify: true } },
  },
})
