import { updatePage } from './reliability-page.js';

// `npm run test:chaos:page`: brings RELIABILITY.md up to date with test/chaos/last-run.json.

updatePage();
