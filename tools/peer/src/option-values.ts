import { resolve } from 'node:path'
import { InvalidArgumentError } from 'commander'

/** For commander: an integer of at least `min`. */
export function integer(min: number): (text: string) => number {
  return (text) => {
    const value = Number(text)
    if (text.trim() === '' || !Number.isInteger(value) || value < min) throw new InvalidArgumentError(`wanted an integer of at least ${min}.`)
    return value
  }
}

/** For commander: integers of at least `min`, comma-separated; of an empty text none. */
export function integers(min: number): (text: string) => number[] {
  return (text) => (text === '' ? [] : text.split(',').map(integer(min)))
}

/** For commander: some of `names`, comma-separated, in the order of `names`. */
export function someOf<T extends string>(names: readonly T[]): (text: string) => readonly T[] {
  return (text) => {
    const wanted = text.split(',')
    const unknown = wanted.find((name) => !(names as readonly string[]).includes(name))
    if (unknown !== undefined) throw new InvalidArgumentError(`there is no "${unknown}" among ${names.join(', ')}.`)
    return names.filter((name) => wanted.includes(name))
  }
}

/** For commander: a path, from where the command was typed; npm itself runs scripts in the folder of package.json. */
export function path(text: string): string {
  return resolve(process.env['INIT_CWD'] ?? process.cwd(), text)
}

/** For commander: a program, by its path or by a name on the PATH. */
export function program(text: string): string {
  return text.includes('/') ? path(text) : text
}
