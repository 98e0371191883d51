import { readFileSync } from 'node:fs';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import type { Plugin } from 'vite';
import { defineConfig } from 'vitest/config';

/** Puts the icon sprite into the page itself: no request, and `<use href="#i-…">` works under the strictest policy. */
function sprite(): Plugin {
  return {
    name: 'ecabinet-sprite',
    transformIndexHtml(html) {
      const icons = readFileSync(new URL('./src/ui/icons.svg', import.meta.url), 'utf8')
        .replace(/<!--.*?-->/gs, '')
        .replace('<svg ', '<svg class="sprite" width="0" height="0" aria-hidden="true" ')
        .replace(/\n\s*/g, '');
      return html.replace('<!--sprite-->', icons.trim());
    },
  };
}

const server = process.env.ECABINET_URL ?? 'http://127.0.0.1:8080';

export default defineConfig({
  plugins: [svelte(), sprite()],
  build: {
    target: 'es2023',
    // Fonts and pictures stay files: the page's policy allows no data: URL for fonts.
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 700,
    license: { fileName: 'licences.md' },
  },
  server: {
    proxy: { '/api': server, '/socket.io': { target: server.replace('http', 'ws'), ws: true } },
  },
  test: { include: ['src/**/*.test.ts', '../tests/web/**/*.test.ts'], environment: 'node' },
});
