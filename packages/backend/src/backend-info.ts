/** What {@link useBackend} can be asked for; `auto` is the best of the others that works here. */
export type BackendName = 'auto' | 'cuda' | 'native-cpu' | 'wasm' | 'cpu'

/** The backend in use. */
export interface BackendInfo {
  readonly name: Exclude<BackendName, 'auto'>
  /** What it is called by tfjs (`tf.getBackend()`). */
  readonly tfjsName: 'tensorflow' | 'wasm' | 'cpu'
  /** What it computes on, such as the names of the processor or GPU. */
  readonly device: string
  /** One line on both, and for `auto` why nothing faster was taken. */
  readonly description: string
}
