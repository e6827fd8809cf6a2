import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

export default defineConfig({
  build: {
    target: 'es2022',
    rolldownOptions: { input: ['index.html', 'docs.html'].map(name => fileURLToPath(new URL(name, import.meta.url))) },
    // A data: URI would need an exception in the page's Content-Security-Policy.
    assetsInlineLimit: 0,
    // Browsers that know ES2022 preload modules by themselves.
    modulePreload: { polyfill: false },
  },
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
});
