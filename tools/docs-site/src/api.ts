import { Application, Converter, ReflectionKind, type ProjectReflection, type TypeDocOptions } from 'typedoc'
import type { PluginOptions } from 'typedoc-plugin-markdown'
import { rooms } from './code/read-exports.js'
import { root } from './root.js'
import { stagedPages } from './stage.js'

/** Writes a page for each package about all that it exports, from types and docstrings. */
export async function writeApi(): Promise<void> {
  const options: Partial<TypeDocOptions & PluginOptions> = {
    entryPoints: rooms().map((room) => `${root}${room}/src/index.ts`),
    out: `${stagedPages}api`,
    tsconfig: `${root}tools/docs-site/tsconfig.api.json`,
    plugin: ['typedoc-plugin-markdown'],
    skipErrorChecking: true,
    readme: 'none',
    disableGit: true,
    disableSources: true,
    excludePrivate: true,
    excludeInternal: true,
    excludeExternals: true,
    router: 'module',
    hideBreadcrumbs: true,
    hidePageHeader: true,
    entryFileName: 'index',
    useCodeBlocks: true,
    excludeProtected: true,
    parametersFormat: 'table',
    interfacePropertiesFormat: 'table',
    classPropertiesFormat: 'table',
    typeDeclarationFormat: 'table',
    blockTags: ['@formula', '@useWhen', '@throws', '@example', '@param', '@returns', '@defaultValue', '@typeParam', '@see', '@deprecated', '@remarks', '@default', '@template'],
    logLevel: 'Error',
    name: 'API',
  }
  const app = await Application.bootstrapWithPlugins(options)
  // Before members are put in groups, and after it is known which are inherited.
  app.converter.on(Converter.EVENT_RESOLVE_END, ({ project }) => leaveOut(project), 0)
  const project = await app.convert()
  if (!project) throw new Error('TypeDoc could not read the packages.')
  for (const module of project.children ?? []) {
    const room = rooms().find((path) => module.name.includes(path))
    if (!room) throw new Error(`TypeDoc gives a module ${module.name}, which is none of the packages.`)
    module.name = room.split('/')[1]!
  }
  await app.generateOutputs(project)
}

/** Leaves out what is told elsewhere: members of a base, and those of losses and miners, which have pages of their own. */
function leaveOut(project: ProjectReflection): void {
  for (const reflection of project.getReflectionsByKind(ReflectionKind.Class)) {
    if (!reflection.isDeclaration()) continue
    const hasPage = /plugins\/(losses|miners)\b/.test(reflection.parent?.name ?? '') && reflection.comment?.getTag('@useWhen') !== undefined
    if (hasPage) delete reflection.extendedTypes
    for (const member of [...(reflection.children ?? [])]) if (hasPage || member.inheritedFrom) project.removeReflection(member)
  }
}
