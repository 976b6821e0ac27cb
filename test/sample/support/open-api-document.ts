interface Schema {
  readonly $ref?: string;
  readonly properties?: Readonly<Record<string, { readonly example?: unknown }>>;
}

interface Operation {
  readonly parameters?: readonly { readonly name: string; readonly in: string }[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: Schema }>> };
  readonly security?: readonly unknown[];
  readonly responses: Readonly<Record<string, unknown>>;
}

/** An OpenAPI document, as far as tests read it. */
export interface OpenApiDocument {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components?: { readonly schemas?: Readonly<Record<string, Schema>> };
}

/** One route as a document describes it. */
export interface DescribedOperation {
  readonly method: 'get' | 'post' | 'put';
  readonly path: string;
  /** Names of what the query takes. */
  readonly query: readonly string[];
  /** What the body takes: an example of each, as far as there is one. */
  readonly body: Readonly<Record<string, unknown>> | undefined;
  /** Whether one must say who one is. */
  readonly secured: boolean;
  /** Whether some of those who are known are kept out. */
  readonly forbids: boolean;
}

/** Every route of a document. */
export function describedOperations({ paths, components }: OpenApiDocument): DescribedOperation[] {
  return Object.entries(paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, { parameters = [], requestBody, security, responses }]) => {
      const schema = Object.values(requestBody?.content ?? {})[0]?.schema;
      const named = components?.schemas?.[schema?.$ref?.split('/').at(-1) ?? ''] ?? schema;
      return {
        method: method as DescribedOperation['method'],
        path,
        query: parameters.filter((parameter) => parameter.in === 'query').map(({ name }) => name),
        body: schema === undefined ? undefined : examplesOf(named?.properties ?? {}),
        secured: security !== undefined,
        forbids: '403' in responses,
      };
    }),
  );
}

function examplesOf(properties: NonNullable<Schema['properties']>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(properties).map(([name, { example }]) => [name, example]));
}
