import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

const gateway = process.env.GATEWAY ?? 'http://127.0.0.1:8080';

export default defineConfig({
  plugins: [react()],
  // The page and the gateway have one origin for the browser. Start the gateway with --allowed-origin http://localhost:5173
  server: { port: 5173, proxy: { '/v1': { target: gateway, changeOrigin: true, ws: true } } },
});
