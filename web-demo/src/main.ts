/**
 * The entry is small: it asks the gateway for what the first view shows while the page's own code is still on its way.
 * vite.config.ts has that loaded at once.
 */
import './style.css';
import './lib/colour-scheme.js';
import { preloadView } from './features/shell/view-loaders.js';
import { startEarly } from './lib/early-studio.js';

startEarly();
void import('./page.js');
preloadView();
