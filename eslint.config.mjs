import tseslint from 'typescript-eslint';

/** V8 makes a function that is assigned to a member in the old generation, where it holds all that it knows until a full collection. */
const HELD = 'It would hold its whole call until a full collection: make it a method, or a constant that is assigned then.';
const heldFunctions = [
  { selector: "AssignmentExpression[left.type='MemberExpression'][right.type=/FunctionExpression$/]", message: HELD },
  { selector: 'PropertyDefinition[static=false][value.type=/FunctionExpression$/]', message: HELD },
];

export default tseslint.config(
  { ignores: ['**/dist/**', 'node_modules/**', 'coverage/**', '.cache/**', '**/*.mjs', '**/*.cjs'] },
  ...tseslint.configs.recommended,
  {
    files: ['**/*.ts'],
    languageOptions: { parserOptions: { project: './tsconfig.json' } },
    rules: {
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': ['error', { checksVoidReturn: false }],
      '@typescript-eslint/await-thenable': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports', disallowTypeAnnotations: false }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_' }],
      'max-lines': ['error', { max: 300, skipBlankLines: true, skipComments: true }],
      'max-depth': ['error', 4],
      'no-console': 'error',
      eqeqeq: 'error',
    },
  },
  {
    // What is made for each call.
    files: [
      'src/call/**',
      'src/faces/http/calls/**',
      'src/faces/mcp/{http,methods,runs,talk,upstream}/**',
      'libs/mcp-transport/src/call/**',
    ],
    ignores: ['**/*.spec.ts'],
    rules: { 'no-restricted-syntax': ['error', ...heldFunctions] },
  },
  { files: ['**/*.spec.ts', '**/*.e2e-spec.ts', 'test/**', 'bench/**', 'tools/**'], rules: { 'max-lines': 'off', 'no-console': 'off' } },
);
