import { fileURLToPath } from 'node:url'
import { Option } from 'commander'
import { path, program, someOf } from './option-values.js'

/** `--python <path>`: the user's own Python. */
export function pythonOption(): Option {
  const text = 'a Python that has the packages (default: an environment with pinned versions, made once)'
  return new Option('--python <path>', text).argParser(program)
}

/** `--output <file>`: where the page goes; `file` is its place in the checkout. */
export function pageOption(file: string): Option {
  const place = fileURLToPath(new URL(`../../../${file}`, import.meta.url))
  return new Option('--output <file>', 'the page; rows that are not measured this time stay').argParser(path).default(place, file)
}

/** An option that takes some of `names`, comma-separated; `usual` without it. */
export function someOption<T extends string>(flags: string, names: readonly T[], usual: readonly T[] = names): Option {
  return new Option(flags, `comma-separated, out of ${names.join(', ')}`)
    .argParser(someOf(names))
    .default(usual, usual === names ? 'all' : usual.join())
}
