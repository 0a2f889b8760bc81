// Rows of embeddings: in double precision, or as the floats that they are.
//
// Included once for each kind of processor, within a namespace of its own.

/** Columns of a row, filled up with zeros to whole vectors. */
inline int widthOf(int dim) { return (dim + 7) / 8 * 8; }

inline double sumOf(const Doubles sums[2]) {
  const Doubles both = sums[0] + sums[1];
  return (both[0] + both[1]) + (both[2] + both[3]);
}

inline Doubles fourAt(const double *values) {
  Doubles four;
  std::memcpy(&four, values, sizeof four);
  return four;
}

inline Doubles fourAt(const float *values) {
  FourFloats four;
  std::memcpy(&four, values, sizeof four);
  return __builtin_convertvector(four, Doubles);
}

/** Σ left right, of rows that are filled up with zeros. */
template <typename Left, typename Right> double exactProductOf(const Left *left, const Right *right, int width) {
  Doubles sums[2] = {};
  for (int k = 0; k < width; k += 8) {
    for (int half = 0; half < 2; half++) sums[half] += fourAt(left + k + 4 * half) * fourAt(right + k + 4 * half);
  }
  return sumOf(sums);
}

/**
 * A row as it is compared: divided by max(norm, 1e-12) where it is `normalized`.
 *
 * @param into zeros beyond `dim`
 */
inline void loadRow(const float *row, int dim, bool normalized, double *into) {
  for (int k = 0; k < dim; k++) into[k] = row[k];
  if (!normalized) return;
  const int width = widthOf(dim);
  const double inverse = 1 / std::max(std::sqrt(exactProductOf(into, into, width)), 1e-12);
  // Not beyond: a row that is no number would leave none there for the next.
  for (int k = 0; k < dim; k++) into[k] *= inverse;
}

/** ‖left - right‖² */
inline double squaredDistance(const double *left, const double *right, int width) {
  Doubles sums[2] = {};
  for (int k = 0; k < width; k += 8) {
    for (int half = 0; half < 2; half++) {
      const Doubles difference = fourAt(left + k + 4 * half) - fourAt(right + k + 4 * half);
      sums[half] += difference * difference;
    }
  }
  return sumOf(sums);
}

// The same of floats. Several sums at a time: each addition waits for the one before it in its sum.

inline Floats eightAt(const float *values) {
  Floats eight;
  std::memcpy(&eight, values, sizeof eight);
  return eight;
}

inline float sumOf(const Floats &sums) { return ((sums[0] + sums[4]) + (sums[1] + sums[5])) + ((sums[2] + sums[6]) + (sums[3] + sums[7])); }

inline float sumOf(const Floats sums[4]) { return sumOf((sums[0] + sums[1]) + (sums[2] + sums[3])); }

/** Σ left right */
inline float productOf(const float *left, const float *right, int dim) {
  Floats sums[4] = {};
  int k = 0;
  for (; k + 32 <= dim; k += 32) {
    for (int part = 0; part < 4; part++) sums[part] += eightAt(left + k + 8 * part) * eightAt(right + k + 8 * part);
  }
  for (; k + 8 <= dim; k += 8) sums[0] += eightAt(left + k) * eightAt(right + k);
  float sum = sumOf(sums);
  for (; k < dim; k++) sum += left[k] * right[k];
  return sum;
}

/** max(norm, 1e-12)⁻¹ of a row, and 1 where none is `normalized`. */
inline float inverseNorm(const float *row, int dim, bool normalized) {
  if (!normalized) return 1;
  return 1 / std::max(std::sqrt(productOf(row, row, dim)), 1e-12f);
}

/** ‖row - scale · other‖² */
inline float squaredDistance(const float *row, const float *other, float scale, int dim) {
  const auto square8 = [&](int k) {
    const Floats difference = eightAt(row + k) - eightAt(other + k) * scale;
    return difference * difference;
  };
  Floats sums[4] = {};
  int k = 0;
  for (; k + 32 <= dim; k += 32) {
    for (int part = 0; part < 4; part++) sums[part] += square8(k + 8 * part);
  }
  for (; k + 8 <= dim; k += 8) sums[0] += square8(k);
  float square = sumOf(sums);
  for (; k < dim; k++) square += (row[k] - other[k] * scale) * (row[k] - other[k] * scale);
  return square;
}

/** Adds slope · (row - scale · other). */
inline void addDifference(const float *__restrict row, const float *__restrict other, float scale, float slope, int dim, float *__restrict into) {
  for (int k = 0; k < dim; k++) into[k] += slope * (row[k] - other[k] * scale);
}
