import { fileURLToPath } from 'node:url'
import { Option } from 'commander'
import { path, program, someOf } from './option-values.js'

/** `--python <path>`: the user's own Python. */
export function pythonOption(): Option {
  const text = 'a Python that has what is used (default: an environment with pinned versions, made once)'
  return new Option('--python <path>', text).argParser(program)
}

/** What a comparison can run on: the processor, or an NVIDIA GPU. */
export const BACKENDS = ['native-cpu', 'cuda'] as const
export type MeasuredBackend = (typeof BACKENDS)[number]

/** `--backend <name>`: what both sides compute on. */
export function backendOption(): Option {
  return new Option('--backend <name>', 'what computes: native TensorFlow on the CPU, or on an NVIDIA GPU').choices([...BACKENDS]).default('native-cpu')
}

const inCheckout = (file: string): string => fileURLToPath(new URL(`../../../${file}`, import.meta.url))

/** `--output <file>`: where the page goes; `file` is its place in the checkout. */
export function pageOption(file: string): Option {
  return new Option('--output <file>', 'the page; rows that are not measured this time stay').argParser(path).default(inCheckout(file), file)
}

/** The same for a page of each backend: without the option, {@link pageOf} says where it goes. */
export function backendPageOption(file: string): Option {
  const text = `the page; rows that are not measured this time stay (default: ${file}, with \`--backend cuda\` ${onBackend(file, 'cuda')})`
  return new Option('--output <file>', text).argParser(path)
}

/** Where the page of a backend goes: numbers of a card never take the place of those of a processor. */
export function pageOf(file: string, backend: MeasuredBackend): string {
  return inCheckout(onBackend(file, backend))
}

const onBackend = (file: string, backend: MeasuredBackend): string => (backend === 'cuda' ? file.replace(/(\.\w+)$/, '-cuda$1') : file)

/** An option that takes some of `names`, comma-separated; `usual` without it. */
export function someOption<T extends string>(flags: string, names: readonly T[], usual: readonly T[] = names): Option {
  return new Option(flags, `comma-separated, out of ${names.join(', ')}`)
    .argParser(someOf(names))
    .default(usual, usual === names ? 'all' : usual.join())
}
