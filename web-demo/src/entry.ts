/**
 * The entry is as small as it can be: it asks whether the gateway lets us in, while the client (main.ts) and the page's own
 * code (page.tsx) are still on their way. vite.config.ts has both loaded at once.
 */
import './style.css';
import './lib/colour-scheme.js';
import { askEarly } from './lib/early-answer.js';

askEarly();
void import('./main.js');
void import('./page.js');
