import { updatePage } from './scores-page.js';

// The end of `npm run test:mutation`: brings RELIABILITY.md up to date with test/mutation/scores.json.

updatePage();
