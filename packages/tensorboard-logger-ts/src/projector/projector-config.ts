import protobuf from 'protobufjs/light.js'
import textformat from 'protobufjs/ext/textformat.js'

/** @see tensorboard/plugins/projector/projector_config.proto. In text format the names of fields count. */
const root = protobuf.Root.fromJSON({
  nested: {
    ProjectorConfig: {
      fields: {
        model_checkpoint_path: { id: 1, type: 'string' },
        embeddings: { id: 2, rule: 'repeated', type: 'EmbeddingInfo' },
        model_checkpoint_dir: { id: 3, type: 'string' },
      },
    },
    EmbeddingInfo: {
      fields: {
        tensor_name: { id: 1, type: 'string' },
        metadata_path: { id: 2, type: 'string' },
        bookmarks_path: { id: 3, type: 'string' },
        tensor_shape: { id: 4, rule: 'repeated', type: 'uint32' },
        sprite: { id: 5, type: 'SpriteMetadata' },
        tensor_path: { id: 6, type: 'string' },
      },
    },
    SpriteMetadata: {
      fields: {
        image_path: { id: 1, type: 'string' },
        single_image_dim: { id: 2, rule: 'repeated', type: 'uint32' },
      },
    },
  },
})

const ProjectorConfig = root.lookupType('ProjectorConfig')

/** One table, paths relative to the config. */
export interface EmbeddingInfo {
  readonly tensor_name: string
  readonly tensor_path: string
  /** [count, dim] */
  readonly tensor_shape: readonly [number, number]
  readonly metadata_path?: string
  readonly sprite?: { readonly image_path: string; readonly single_image_dim: readonly [number, number] }
}

/**
 * A config, in text format, with these tables added: each takes the place of one of its name, others are kept.
 *
 * @param config what is there, `''` when there is none
 * @throws {Error} when `config` is no projector config
 */
export function mergeProjectorConfig(config: string, tables: readonly EmbeddingInfo[]): string {
  const { embeddings, ...rest } = ProjectorConfig.toObject(textformat.fromText(ProjectorConfig, config), {
    arrays: true,
  }) as { embeddings: EmbeddingInfo[] }
  const names = new Set(tables.map(({ tensor_name }) => tensor_name))
  const kept = embeddings.filter(({ tensor_name }) => !names.has(tensor_name))
  return `${textformat.toText(ProjectorConfig, { ...rest, embeddings: [...kept, ...tables] })}\n`
}
