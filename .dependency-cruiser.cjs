/** Who may import whom (docs/architecture.md). Base modules may import those left of them. */
const BASE = ['config', 'event-loop', 'correlation', 'errors', 'logging', 'metrics', 'redis', 'cache', 'grants'];
const FACE = [...BASE, 'http', 'auth', 'throttler', 'mcp-client', 'discovery', 'view', 'call', 'translation'];
const MAY_IMPORT = {
  http: BASE,
  auth: BASE,
  throttler: [...BASE, 'auth'],
  'mcp-client': BASE,
  discovery: [...BASE, 'mcp-client'],
  translation: [...BASE, 'mcp-client', 'discovery'],
  view: [...BASE, 'auth', 'mcp-client', 'discovery'],
  'open-webui': BASE,
  call: [...BASE, 'auth', 'throttler', 'mcp-client', 'discovery', 'view', 'open-webui'],
  'faces/http': FACE,
  'faces/ws': FACE,
  'faces/chat': FACE,
  'faces/mcp': FACE,
};
BASE.forEach((folder, index) => (MAY_IMPORT[folder] = BASE.slice(0, index)));

const directions = Object.entries(MAY_IMPORT).map(([folder, allowed]) => ({
  name: `${folder}-imports`,
  comment: `src/${folder} may import only ${allowed.join(', ') || 'nothing of src'}`,
  severity: 'error',
  from: { path: `^src/${folder}/`, pathNot: '\\.spec\\.ts$' },
  to: { path: '^src/', pathNot: `^src/(${[folder, ...allowed].join('|')})/` },
}));

module.exports = {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    { name: 'no-orphans', severity: 'error', from: { orphan: true, path: '^(src|libs|apps)/', pathNot: 'main\\.ts$' }, to: {} },
    {
      name: 'pure-libraries',
      comment: 'libraries import nothing of the gateway and no Nest; a test of them may share the reader that stands for Open WebUI',
      severity: 'error',
      from: { path: '^libs/[^/]+/src/', pathNot: '\\.spec\\.ts$' },
      to: { path: ['^src/', '^apps/', '^test/', 'node_modules/@nestjs'] },
    },
    {
      name: 'translation-knows-no-wire',
      severity: 'error',
      from: { path: '^libs/mcp-openapi/src/' },
      to: { path: '^libs/mcp-transport/' },
    },
    { name: 'src-stays-in-production', severity: 'error', from: { path: '^src/' }, to: { path: '^(apps|test|bench)/' } },
    { name: 'apps-stand-alone', severity: 'error', from: { path: '^apps/', pathNot: '/test/' }, to: { path: '^(src|libs|test|bench)/' } },
    {
      name: 'nobody-imports-the-app',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/create-app\\.ts$' },
      to: { path: '^src/app\\.module\\.ts$' },
    },
    {
      name: 'nobody-imports-health',
      severity: 'error',
      comment: 'but alerts, which tell what health knows',
      from: { path: '^src/[^/]+/', pathNot: '^src/(health|alerts)/' },
      to: { path: '^src/health/' },
    },
    {
      name: 'no-dev-dependencies',
      severity: 'error',
      from: { path: '^(src|libs|apps)/', pathNot: '\\.spec\\.ts$|/test/' },
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'], dependencyTypesNot: ['type-only'] },
    },
    { name: 'resolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
    ...directions,
  ],
  options: {
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '/dist/' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'require', 'node', 'default', 'types'] },
  },
};
