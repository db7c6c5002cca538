// Builds the console: workspaces from their sources, nothing inlined (the CSP allows no data: fonts), charts in a chunk of their own.

import tailwindcss from '@tailwindcss/vite'
import vue from '@vitejs/plugin-vue'
import { defaultClientConditions, defineConfig } from 'vite'

export default defineConfig({
  plugins: [vue(), tailwindcss()],
  resolve: { conditions: ['source', ...defaultClientConditions] },
  build: {
    target: 'es2022',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      // Schemas the console does not use are left out, and the schema library with them: the hub checks what it sends.
      treeshake: { moduleSideEffects: (id) => !id.includes('/hub/src/protocol/') },
      output: {
        // One name to set a budget on: everything that only charts need.
        chunkFileNames: (chunk) =>
          chunk.moduleIds.some((id) => id.includes('/uplot/')) ? 'assets/chart-[hash].js' : 'assets/[name]-[hash].js',
      },
    },
  },
  server: { port: 5173, strictPort: true },
})
