/** The TypeScript code blocks of a Markdown text, in order. */
export function snippetsOf(markdown: string): readonly string[] {
  return [...markdown.matchAll(/^```ts\n(.*?)^```/gms)].map((match) => match[1]!)
}
