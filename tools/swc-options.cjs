// One place for how TypeScript becomes CommonJS without type checking: Jest and tools/compile.mjs share it.
const common = { target: 'es2022', keepClassNames: true };

const typescript = {
  swcrc: false,
  jsc: {
    ...common,
    parser: { syntax: 'typescript', decorators: true },
    transform: { legacyDecorator: true, decoratorMetadata: true },
  },
  module: { type: 'commonjs' },
};

/** For packages that ship ES modules only: Jest cannot `require` those by itself before Node 24.9. */
const esmPackage = {
  swcrc: false,
  jsc: { ...common, parser: { syntax: 'ecmascript' } },
  module: { type: 'commonjs', importInterop: 'node' },
};

module.exports = { typescript, esmPackage };
