/**
 * How a saved tensor's axes lie, said in a file's metadata. Names are PyTorch's, and so are the axes: a file loads
 * into a PyTorch module of the same structure, and the other way round.
 */
export const TORCH_LAYOUT = 'torch: convolution [out, in, height, width], linear [out, in]'

/** The axes of a variable in the order of PyTorch, by rank: convolutions are [height, width, in, out] here, linear layers [in, out]. */
const TO_TORCH: Readonly<Record<number, number[]>> = { 2: [1, 0], 4: [3, 2, 0, 1] }
const FROM_TORCH: Readonly<Record<number, number[]>> = { 2: [1, 0], 4: [2, 3, 1, 0] }

const inOrder = (rank: number) => [...Array(rank).keys()]

/** The permutation of axes that takes a variable of this rank to PyTorch's layout. */
export const toTorch = (rank: number): number[] => TO_TORCH[rank] ?? inOrder(rank)

/** Its inverse. */
export const fromTorch = (rank: number): number[] => FROM_TORCH[rank] ?? inOrder(rank)
