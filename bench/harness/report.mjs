// What a run found, in bench/results: a file of its own, and when it is for the summary, the one result that is committed and
// what is shown of it in PERFORMANCE.md.
import { execFileSync } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';

import { folder, readSummary, summaryFile } from '../report/summary.mjs';
import { writePerformance } from '../report/performance.mjs';
import { scenarios } from '../scenarios/index.mjs';
import { nodeForActors } from './actor.mjs';

export class Report {
  #run;
  #summary;
  results = [];

  constructor({ postgres, missing, summary }) {
    this.#run = {
      at: new Date().toISOString(),
      machine: { cpus: cpus().length, model: cpus()[0]?.model.trim(), platform: process.platform },
      node: execFileSync(nodeForActors, ['--version'], { encoding: 'utf8' }).trim(),
      postgres,
      missing,
    };
    this.#summary = summary;
  }

  async add(summary) {
    this.results.push(summary);
    await mkdir(folder, { recursive: true });
    await write(`${folder}${this.#run.at.replaceAll(':', '-')}.json`, { ...this.#run, results: this.results });
    if (!this.#summary) return;
    await this.#addToSummary(summary);
    await writePerformance();
  }

  /** Scenarios that were not run keep the result they had, with the time and machine it was measured on. */
  async #addToSummary(summary) {
    const kept = (await readSummary()).filter(({ scenario }) => scenario !== summary.scenario);
    const order = scenarios.map(({ name }) => name);
    const all = [...kept, { ...summary, run: this.#run }].filter(({ scenario }) => order.includes(scenario));
    await write(
      summaryFile,
      all.sort((a, b) => order.indexOf(a.scenario) - order.indexOf(b.scenario)),
    );
  }
}

/** Four digits are more than any figure is good for. */
function write(file, value) {
  const text = JSON.stringify(
    value,
    (_, inner) => (typeof inner === 'number' ? Number(inner.toPrecision(4)) : inner),
    2,
  );
  return writeFile(file, `${text}\n`);
}
