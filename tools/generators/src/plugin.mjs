// `npx nx g @metric-learning/generators:plugin NAME --kind KIND`: a plugin in plugins/, from the templates that third parties' are made from.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/**
 * Writes the plugin and its row in the README's table of packages. What is returned installs it, and brings all that is made from the code up to date, once
 * the files are written.
 *
 * @param {import('@nx/devkit').Tree} tree
 * @param {{ name: string, kind: string }} options
 */
export default async function plugin(tree, { name, kind }) {
  // Sources, so that nothing has to be built before.
  const { tsImport } = await import('tsx/esm/api')
  const { createPlugin } = await tsImport('../../../packages/create-metric-learning-plugin/src/index.ts', import.meta.url)
  const folder = `plugins/${name}`
  if (tree.exists(`${folder}/package.json`)) throw new Error(`plugin: wanted ${folder} to be new, got a package. Pass another name.`)
  const temporary = mkdtempSync(join(tmpdir(), 'nx-plugin-'))
  try {
    const created = createPlugin({ kind, name: `@metric-learning/${name}`, folder: join(temporary, 'plugin') })
    const read = (file) => readFileSync(join(created.folder, file), 'utf8')
    for (const file of readdirSync(join(created.folder, 'src'))) tree.write(`${folder}/src/${file}`, read(`src/${file}`))
    tree.write(`${folder}/README.md`, read('README.md').split('\n## Working on it')[0])
    tree.write(`${folder}/package.json`, json(manifestOf(JSON.parse(read('package.json')), name, kind)))
    for (const [file, text] of Object.entries(settingsOf(name))) tree.write(`${folder}/${file}`, text)
    addRow(tree, `| [\`@metric-learning/${name}\`](${folder}) | \`${created.part}\` |`)
  } finally {
    rmSync(temporary, { recursive: true, force: true })
  }
  return () => {
    for (const line of whatFollows) {
      const [program, ...args] = line.split(' ')
      execFileSync(program, args, { cwd: tree.root, stdio: 'inherit', env: { ...process.env, NX_DAEMON: 'false' } })
    }
  }
}

/** What is made from the code, in the order in which one needs the other. `npm test` compares all of it. */
const whatFollows = ['npm install --ignore-scripts', 'npx nx sync', 'node tools/package-metadata.mjs', 'node tools/draw-rooms.mjs', 'npm run docs:part-options', 'npm run docs:pages']

const json = (value) => `${JSON.stringify(value, undefined, 2)}\n`

/** As those of its neighbours: of our own packages it depends on what its part imports, and tests on the others. */
function manifestOf({ name, version, description, peerDependencies, devDependencies }, folder, kind) {
  const ours = (dependencies) => Object.fromEntries(Object.entries(dependencies).filter(([of]) => of.startsWith('@metric-learning/')))
  const dependencies = ours(peerDependencies)
  const others = Object.fromEntries(Object.entries(ours(devDependencies)).filter(([of]) => !(of in dependencies) && of !== '@metric-learning/backend'))
  return {
    name,
    version,
    description,
    keywords: ['metric-learning-plugin', kind],
    license: 'MIT',
    type: 'module',
    sideEffects: false,
    exports: { '.': { '@metric-learning/source': './src/index.ts', types: './dist/index.d.ts', default: './dist/index.js' }, './package.json': './package.json' },
    files: ['dist', 'src', '!**/*.test.ts', '!**/*.tsbuildinfo'],
    dependencies,
    peerDependencies: { '@tensorflow/tfjs-core': '^4.22.0' },
    devDependencies: others,
    nx: { name: folder, tags: ['type:extension'] },
  }
}

/** TypeScript's and vitest's, as the neighbours have them; references are written by `nx sync`. */
const settingsOf = (name) => ({
  'tsconfig.json': json({ extends: '../../tsconfig.base.json', files: [], references: [{ path: './tsconfig.lib.json' }, { path: './tsconfig.spec.json' }] }),
  'tsconfig.lib.json': json({ extends: '../../tsconfig.base.json', compilerOptions: { rootDir: 'src', outDir: 'dist', tsBuildInfoFile: 'dist/tsconfig.lib.tsbuildinfo' }, include: ['src/**/*.ts'], exclude: ['src/**/*.test.ts'] }),
  'tsconfig.spec.json': json({ extends: '../../tsconfig.base.json', compilerOptions: { rootDir: 'src', outDir: `../../dist/plugins/${name}` }, include: ['src/**/*.test.ts'], references: [{ path: './tsconfig.lib.json' }] }),
  'vitest.config.ts': `import { mergeConfig } from 'vitest/config'\nimport shared from '../../vitest.shared.js'\n\nexport default mergeConfig(shared, { cacheDir: '../../node_modules/.vite/${name}' })\n`,
})

/** At the end of the table of packages. */
function addRow(tree, row) {
  const text = tree.read('README.md', 'utf8')
  const table = /^## Packages\n[^]*?(?=\n\n## )/m.exec(text)
  if (!table) throw new Error('plugin: wanted a table under "## Packages" in README.md, got none. Write it, or mend this generator.')
  tree.write('README.md', text.replace(table[0], () => `${table[0].trimEnd()}\n${row}`))
}
