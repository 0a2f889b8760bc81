import nx from '@nx/eslint-plugin'
import tseslint from 'typescript-eslint'

/** Who may import whom. `sourceTag` is the importer; the list is what it may import. */
const depConstraints = [
  { sourceTag: 'type:core', onlyDependOnLibsWithTags: [] },
  { sourceTag: 'type:standalone', onlyDependOnLibsWithTags: [] },
  { sourceTag: 'type:package', onlyDependOnLibsWithTags: ['type:core', 'type:package'] },
  { sourceTag: 'type:backend', onlyDependOnLibsWithTags: ['type:core'] },
  {
    sourceTag: 'type:plugin',
    onlyDependOnLibsWithTags: ['type:core', 'type:package', 'type:standalone'],
  },
  {
    sourceTag: 'type:example',
    onlyDependOnLibsWithTags: ['type:core', 'type:package', 'type:standalone', 'type:backend', 'type:plugin'],
  },
  {
    sourceTag: 'type:tool',
    onlyDependOnLibsWithTags: ['type:core', 'type:package', 'type:standalone', 'type:backend', 'type:plugin', 'type:tool'],
  },
  ...['type:core', 'type:standalone', 'type:package', 'type:plugin', 'type:example', 'type:tool'].map((sourceTag) => ({
    sourceTag,
    bannedExternalImports: ['@tensorflow/tfjs-node', '@tensorflow/tfjs-node-gpu', '@tensorflow/tfjs-backend-*'],
  })),
]

export default tseslint.config(
  { ignores: ['**/dist/**', '**/node_modules/**', '**/.nx/**', '**/*.d.ts', '**/runs/**', '**/vitest.config.ts', 'vitest.shared.ts'] },
  ...nx.configs['flat/base'],
  ...tseslint.configs.strict,
  {
    files: ['**/*.ts'],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@nx/enforce-module-boundaries': [
        'error',
        {
          enforceBuildableLibDependency: true,
          banTransitiveDependencies: true,
          allow: ['^.*/vitest\\.shared(\\.js)?$', '^.*/tools/.*$'],
          depConstraints,
        },
      ],
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_' }],
    },
  },
  {
    files: ['{packages,plugins}/*/src/**/*.ts'],
    ignores: ['**/*.test.ts', '**/cli/**', '**/bin/**'],
    rules: { 'no-console': 'error' },
  },
)
