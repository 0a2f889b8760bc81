import { mkdirSync } from 'node:fs'
import { createRequire } from 'node:module'
import { basename, join } from 'node:path'
import { BackendError } from '@metric-learning/contracts'
import { tfjsNodeFolder } from '../native/tfjs-node-folder.js'
import { addonSources, nodeApiVersion } from './native-layout.js'
import { runCommand } from './run-command.js'

const require = createRequire(import.meta.url)

/**
 * Compiles the addon of `@tensorflow/tfjs-node-gpu` against the unpacked library, with signals kept off its stacks, our options for its
 * sessions and tensors of their own memory, and addons of our own: `operations.node`, against the same library, `neighbours.node`, which
 * ranks embeddings, and the small `quietly.node`.
 *
 * The addon finds the library by a path relative to its own, so that the cache as a whole can be moved:
 * `folder` has to lie beside the folder `library`.
 *
 * @throws {BackendError} with the compiler's first complaint.
 */
export async function compileAddons(compiler: string, library: string, folder: string): Promise<void> {
  const { include_dir: nodeApi } = require('node-api-headers') as { include_dir: string }
  const tfjsSources = join(tfjsNodeFolder, 'binding')
  const tensorflow = join(library, 'tensorflow')
  const findsLibrary = `-Wl,-rpath,$ORIGIN/../${basename(library)}/tensorflow`
  mkdirSync(folder, { recursive: true })
  const nodeAddon = (name: string, args: readonly string[]) => compile(compiler, join(folder, name), [`-I${nodeApi}`, ...args])
  const includes = `-I${join(tensorflow, 'include')}`
  await Promise.all([
    nodeAddon('tfjs_binding.node', [
      includes,
      ...[addonSources.signals, addonSources.ownMemory, addonSources.sessionOptions].flatMap((header) => ['-include', header]),
      ...['tfjs_backend.cc', 'tfjs_binding.cc'].map((file) => join(tfjsSources, file)),
      ...['libtensorflow_cc.so.2', 'libtensorflow_framework.so.2'].map((file) => join(tensorflow, file)),
      findsLibrary,
    ]),
    nodeAddon('operations.node', [
      // Without fused multiplications, which round otherwise: results are the same on every processor.
      ...['-O3', '-ffp-contract=off', '-Wno-psabi', '-pthread', includes],
      ...addonSources.operations,
      ...[join(tensorflow, 'libtensorflow_framework.so.2'), findsLibrary],
    ]),
    nodeAddon('neighbours.node', ['-O3', '-pthread', ...addonSources.neighbours]),
    nodeAddon('quietly.node', [addonSources.quietly]),
  ])
}

async function compile(compiler: string, addon: string, args: readonly string[]): Promise<void> {
  const flags = ['-O2', '-std=c++17', '-shared', '-fPIC', `-DNAPI_VERSION=${nodeApiVersion}`]
  const { code, ending, output } = await runCommand(compiler, [...flags, ...args, '-o', addon])
  if (code !== 0) {
    throw new BackendError({
      who: 'native set-up',
      wanted: `${compiler} to build ${basename(addon)}`,
      got: output.split('\n').find((line) => /error/i.test(line))?.trim() ?? ending,
      fix: 'It needs C++17 and the C++ standard library (g++ 8 or later); update it and run the set-up again.',
      cause: output,
    })
  }
}
