/** Asks the gateway for what the first view shows while the page's own code is still on its way. */
import { preloadView } from './features/shell/view-loaders.js';
import { startEarly } from './lib/early-studio.js';

startEarly();
preloadView();
