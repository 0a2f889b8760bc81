/** A block of TypeScript in a page. */
export interface Snippet {
  readonly code: string
  /** Marked as `ts unrun`: types are checked, and it is not run, as it wants what is not there. */
  readonly isUnrun: boolean
}

/** The TypeScript code blocks of a Markdown text, in order. */
export const codeBlocksOf = (markdown: string): readonly Snippet[] =>
  [...markdown.matchAll(/^```ts( unrun)?\n(.*?)^```/gms)].map(([, word, code]) => ({ code: code!, isUnrun: word !== undefined }))

/** The same, as text alone. */
export const snippetsOf = (markdown: string): readonly string[] => codeBlocksOf(markdown).map(({ code }) => code)
