import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { rules } from '../checker/rules.js';
import { workloads } from '../workload/workloads.js';
import { PAGE, pageWith, readLastRun } from './reliability-page.js';

const root = join(__dirname, '../../..');
const page = readFileSync(PAGE, 'utf8');

describe('RELIABILITY.md', () => {
  it('has the figures of the last long run, and the bugs that are planted now', () => {
    expect(page).toBe(pageWith(page, readLastRun()));
  });

  it('tells of a run in which no rule was broken, judged by every rule there is', () => {
    const judged = readLastRun().rules;
    const all = [...rules, ...workloads.flatMap((workload) => workload.rules)];

    expect(judged.filter(({ violations }) => violations > 0)).toEqual([]);
    expect(judged.map(({ rule }) => rule)).toEqual(all.map(({ name }) => name));
  });

  it('links to tests that are there', () => {
    const links = [...page.matchAll(/\]\((?!https?:)([^)#]+)[^)]*\)/g)].map(([, path = '']) => path);

    expect(links.length).toBeGreaterThan(10);
    expect(links.filter((path) => !existsSync(join(root, path)))).toEqual([]);
  });

  it('says what each rule promises', () => {
    const promises = [...rules, ...workloads.flatMap((workload) => workload.rules)].map(({ promise }) => promise);

    expect(promises.filter((promise) => !page.includes(promise))).toEqual([]);
  });
});
