// Stands in for lib/engine/liveness/thread-location.ts under Jest: the compiled thread of tools/compile.mjs.
const { resolve } = require('node:path');

exports.threadLocation = resolve(__dirname, '../../.build/lib/engine/liveness/thread/liveness.thread.js');
