/** TensorFlow's numbers of the types that are named here; float64 and bfloat16 are those that tfjs has no name for. */
export const DATA_TYPE = { float32: 1, float64: 2, int32: 3, bool: 10, bfloat16: 14 } as const
