import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { PAGE, pageWith, readParts, readScores } from './scores-page.js';

const root = join(__dirname, '../..');
const page = readFileSync(PAGE, 'utf8');
const [parts, scores] = [readParts(), readScores()];

describe('RELIABILITY.md on mutation testing', () => {
  it('has the scores of the last runs', () => {
    expect(page).toBe(pageWith(page, scores));
  });

  it('has one for each part there is', () => {
    expect(Object.keys(scores)).toEqual(Object.keys(parts));
  });

  it('is about files and specs that are there', () => {
    const files = Object.values(parts).flatMap(({ mutate, specs }) => [...mutate, ...specs]);
    const places = files.map((file) => (file.includes('*') ? dirname(file) : file.replace(/:\d.*$/, '')));

    expect(places.filter((place) => !existsSync(join(root, place)))).toEqual([]);
  });
});
