import nx from '@nx/eslint-plugin'
import tseslint from 'typescript-eslint'

/** Who may import whom: `sourceTag` is the importer; the list is what it may import. docs/architecture.md says why. */
const rooms = {
  'type:contracts': [],
  'type:ops': ['type:contracts'],
  'type:core': ['type:contracts', 'type:ops'],
  'type:standalone': [],
  // Runs before anything of ours is installed. Its templates import what they are about.
  'type:scaffold': [],
  'type:package': ['type:contracts', 'type:ops', 'type:package'],
  'type:backend': ['type:contracts', 'type:ops'],
  'type:kit': ['type:contracts', 'type:ops', 'type:core'],
  'type:plugin': ['type:contracts', 'type:ops', 'type:core', 'type:package', 'type:standalone'],
  // Plugins that look into the backend, or whose command starts one.
  'type:watcher': ['type:contracts', 'type:ops', 'type:core', 'type:package', 'type:standalone', 'type:backend'],
  // Made of what another plugin has for parts of one's own, as plugins of third parties are. Nobody imports one.
  'type:extension': ['type:contracts', 'type:ops', 'type:core', 'type:package', 'type:standalone', 'type:plugin'],
  // Losses, miners and samplers only compute: they do not know that there is a trainer.
  'scope:computes': ['type:contracts', 'type:ops', 'type:package'],
  // Makes trainers of configurations: it knows everything that can be named in one.
  'type:experiments': ['type:contracts', 'type:ops', 'type:core', 'type:package', 'type:standalone', 'type:backend', 'type:plugin', 'type:watcher'],
  // What a newcomer installs: everything but kits.
  'type:entry': ['type:contracts', 'type:ops', 'type:core', 'type:package', 'type:standalone', 'type:backend', 'type:plugin', 'type:watcher', 'type:experiments', 'type:scaffold'],
  'type:example': ['type:contracts', 'type:ops', 'type:core', 'type:package', 'type:standalone', 'type:backend', 'type:plugin', 'type:watcher', 'type:kit', 'type:experiments', 'type:entry'],
  'type:tool': ['type:contracts', 'type:ops', 'type:core', 'type:package', 'type:standalone', 'type:backend', 'type:plugin', 'type:watcher', 'type:kit', 'type:experiments', 'type:entry', 'type:scaffold', 'type:tool'],
}
/** In tests: the suites that a plugin must satisfy, golden cases, and the backend whose own parts are tried with a trainer. */
const inTests = { 'type:backend': ['type:core', 'type:package'] }
const nativeTensorFlow = ['@tensorflow/tfjs-node*', '@tensorflow/tfjs-backend-*']

const boundaries = (extra) => [
  'error',
  {
    enforceBuildableLibDependency: true,
    banTransitiveDependencies: true,
    // `#tfjs-node` is what the backend carries of tfjs-node-gpu, a folder that is made.
    allow: ['^#tfjs-node/', '^.*/vitest\\.shared(\\.js)?$', '^.*/tools/test-support/'],
    depConstraints: Object.entries(rooms).flatMap(([sourceTag, allowed]) => [
      { sourceTag, onlyDependOnLibsWithTags: [...allowed, ...extra(sourceTag)] },
      ...(sourceTag === 'type:backend' ? [] : [{ sourceTag, bannedExternalImports: nativeTensorFlow }]),
    ]),
  },
]

export default tseslint.config(
  { ignores: ['**/dist/**', '**/vendor/**', '**/node_modules/**', '**/.nx/**', '**/*.d.ts', '**/runs/**', '**/vitest.config.ts', 'vitest.*.ts', 'tools/test-support/test-backend.ts', '**/templates/skeleton/**'] },
  ...nx.configs['flat/base'],
  ...tseslint.configs.strict,
  {
    files: ['**/*.ts'],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@nx/enforce-module-boundaries': boundaries(() => []),
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_$' }],
    },
  },
  {
    files: ['**/*.test.ts', '**/*.fixture.ts'],
    rules: {
      '@nx/enforce-module-boundaries': boundaries((tag) => [
        ...(['type:contracts', 'type:ops', 'type:core'].includes(tag) ? [] : ['type:kit']),
        ...(inTests[tag] ?? []),
      ]),
    },
  },
  {
    files: ['**/templates/**/*.ts'],
    rules: { '@nx/enforce-module-boundaries': boundaries((tag) => (tag === 'type:scaffold' ? rooms['type:example'] : [])) },
  },
  {
    files: ['{packages,plugins}/*/src/**/*.ts'],
    ignores: ['**/*.test.ts', '**/cli/**', '**/bin/**'],
    rules: { 'no-console': 'error' },
  },
)
