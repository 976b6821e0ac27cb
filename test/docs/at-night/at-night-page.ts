import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const folder = join(__dirname, '../../../docs/at-night');
const PROMPT = 'npm run -s sample:operate -- ';

/** A page for the night, and what it tells people to type. */
export class AtNightPage {
  readonly text: string;
  private readonly lines: readonly string[];
  private readonly used = new Set<string>();

  constructor(name: string) {
    this.text = readFileSync(join(folder, `${name}.md`), 'utf8');
    this.lines = this.blocks('sh').flatMap((block) => block.split('\n'));
  }

  blocks(language: string): string[] {
    return [...this.text.matchAll(new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\\n\`\`\``, 'g'))].map(
      ([, block = '']) => block,
    );
  }

  /**
   * What a command of the page comes to as arguments.
   *
   * @param pattern which of its commands; exactly one must match.
   * @param values what stands for its `<placeholders>`.
   */
  command(pattern: RegExp, values: Readonly<Record<string, string>> = {}): string[] {
    const [line, ...others] = this.lines.filter((each) => pattern.test(each.slice(PROMPT.length)));
    if (line === undefined || others.length > 0)
      throw new Error(`The page has ${others.length} more or no ${pattern}.`);
    if (!line.startsWith(PROMPT)) throw new Error(`"${line}" calls another program.`);
    this.used.add(line);
    return [...fill(line.slice(PROMPT.length), values).matchAll(/'([^']*)'|(\S+)/g)].map(
      ([, quoted, plain]) => quoted ?? plain ?? '',
    );
  }

  /** A query of the page; exactly one must contain `part`. */
  query(part: string, values: Readonly<Record<string, string>> = {}): string {
    const [query, ...others] = this.blocks('sql').filter((block) => block.includes(part));
    if (query === undefined || others.length > 0) throw new Error(`The page has ${others.length} more or no ${part}.`);
    return fill(query, values);
  }

  /** Commands that no test has run. */
  get unused(): string[] {
    return this.lines.filter((line) => !this.used.has(line));
  }
}

function fill(text: string, values: Readonly<Record<string, string>>): string {
  return text.replaceAll(/<([^>]+)>/g, (_, name: string) => {
    const value = values[name];
    if (value === undefined) throw new Error(`Nothing is given for <${name}>.`);
    return value;
  });
}
