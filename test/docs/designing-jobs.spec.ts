import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const root = join(__dirname, '../..');
const page = 'docs/designing-jobs.md';
const text = readFileSync(join(root, page), 'utf8');

/** Lines without what they are indented by. */
function flat(code: string): string {
  return code
    .split('\n')
    .map((line) => line.trim())
    .join('\n')
    .trim();
}

describe('The page on designing jobs', () => {
  const snippets = [...text.matchAll(/\[([^\]]+)\]\([^)]+\)\n\n```ts\n([\s\S]*?)```/g)].map(
    ([, file = '', code = '']) => ({
      file,
      code,
    }),
  );

  it('names the file of each snippet', () => {
    expect(snippets.length).toBeGreaterThan(7);
    expect(snippets).toHaveLength(text.match(/^```ts$/gm)?.length ?? 0);
  });

  it.each(snippets)('shows $file to the letter', ({ file, code }) => {
    expect(flat(readFileSync(join(root, file), 'utf8'))).toContain(flat(code));
  });

  it('links to files that are there', () => {
    const links = [...text.matchAll(/\]\((?!https?:)([^)#]+)[^)]*\)/g)].map(([, path = '']) => path);
    expect(links.filter((path) => !existsSync(join(root, dirname(page), path)))).toEqual([]);
  });

  it('is linked from the README', () => {
    expect(readFileSync(join(root, 'README.md'), 'utf8')).toContain(`](${page})`);
  });
});
