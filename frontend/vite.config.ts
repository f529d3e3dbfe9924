import react from '@vitejs/plugin-react'
import { defineConfig } from 'vitest/config'

const server = 'http://127.0.0.1:8000'

/** Named in the environment, it stands in for the server while one works on the screens. */
const scene = process.env.ASSAY_MOCK

export default defineConfig({
  plugins: [
    react(),
    scene !== undefined &&
      import('./src/testing/mock-server.ts').then(({ mockServer }) => mockServer(scene)),
  ],
  resolve: { alias: { '@': new URL('./src', import.meta.url).pathname } },
  server: { proxy: { '/api': server, '/predict': server, '/health': server } },
  // Fonts and images stay files, so that the content security policy needs no data: addresses.
  build: {
    assetsInlineLimit: 0,
    rolldownOptions: {
      output: {
        // Libraries change less often than our own code: browsers keep them.
        codeSplitting: {
          groups: [
            { name: 'mantine', test: /node_modules.(@mantine|@floating-ui|react-dropzone)/ },
            { name: 'libraries', test: /node_modules/ },
          ],
        },
      },
    },
  },
  test: {
    environment: 'jsdom',
    setupFiles: ['src/testing/setup.ts'],
    restoreMocks: true,
    testTimeout: 60_000,
  },
})
