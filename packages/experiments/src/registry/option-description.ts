import type { Kind } from './kinds.js'

/** An option of a part, as its class declares it. */
export interface OptionDescription {
  /** What it takes, as TypeScript has it. */
  readonly type: string
  /** What is said where it is declared, with its default. */
  readonly doc: string
  readonly isRequired: boolean
  /** Takes a part of this kind, by name. */
  readonly kind?: Kind
  /** Takes several of these, as a list, or by names of one's own. */
  readonly several?: 'list' | 'record'
}

/** A part, as its class declares it. */
export interface PartDescription {
  /** The first paragraph of what is said of it. */
  readonly doc: string
  readonly options: Readonly<Record<string, OptionDescription>>
  /** Takes one value in place of options. */
  readonly takesValue?: boolean
}

export type PartDescriptions = Readonly<Record<Kind, Readonly<Record<string, PartDescription>>>>
