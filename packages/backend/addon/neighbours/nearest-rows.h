// The row with the largest product, for each of many rows: points and centroids of k-means.

#pragma once

#include <algorithm>
#include <limits>
#include <vector>

#include "products.h"
#include "workers.h"

namespace neighbours {

struct NearestRows {
  /** float32 [count][dim] */
  const float *points;
  size_t count;
  size_t dim;
  /** Packed in groups of columns, and how many there are. */
  const float *groups;
  size_t columns;
  /** The first of those that are largest, and its product. */
  int32_t *nearest;
  float *products;
};

template <int BYTES, int ROWS>
FORCED_INLINE void findNearestRowsWith(const NearestRows &work, size_t from, size_t to) {
  using Vector = typename VectorOf<float, BYTES>::type;
  using Columns = typename VectorOf<int32_t, BYTES>::type;
  constexpr int LANES = BYTES / 4, COLUMNS = groupColumns<float>(BYTES);
  Columns lanes;
  for (int i = 0; i < LANES; i++) lanes[i] = i;
  for (size_t row = from; row < to; row += ROWS) {
    const float *points[ROWS];
    for (int i = 0; i < ROWS; i++) points[i] = work.points + std::min(row + i, to - 1) * work.dim;
    Vector best[ROWS];
    Columns at[ROWS];
    for (int i = 0; i < ROWS; i++) {
      best[i] = Vector{} - std::numeric_limits<float>::infinity();
      at[i] = Columns{};
    }
    for (size_t column = 0; column < work.columns; column += COLUMNS) {
      const float *group = work.groups + column * work.dim;
      Vector sums[ROWS][2];
#pragma GCC unroll 16
      for (int i = 0; i < ROWS; i++) sums[i][0] = sums[i][1] = Vector{};
      for (size_t d = 0; d < work.dim; d++) {
        const Vector *right = reinterpret_cast<const Vector *>(group) + 2 * d;
        const Vector a = right[0], b = right[1];
#pragma GCC unroll 16
        for (int i = 0; i < ROWS; i++) {
          sums[i][0] += points[i][d] * a;
          sums[i][1] += points[i][d] * b;
        }
      }
      const Columns first = lanes + static_cast<int32_t>(column), second = first + LANES;
      const bool isWhole = column + COLUMNS <= work.columns;
      const Columns end = Columns{} + static_cast<int32_t>(work.columns);
      for (int i = 0; i < ROWS; i++) {
        Columns isNearer = sums[i][0] > best[i];
        if (!isWhole) isNearer &= first < end;
        best[i] = isNearer ? sums[i][0] : best[i];
        at[i] = isNearer ? first : at[i];
        isNearer = sums[i][1] > best[i];
        if (!isWhole) isNearer &= second < end;
        best[i] = isNearer ? sums[i][1] : best[i];
        at[i] = isNearer ? second : at[i];
      }
    }
    for (int i = 0; i < ROWS && row + i < to; i++) {
      int lane = 0;
      for (int j = 1; j < LANES; j++) if (best[i][j] > best[i][lane] || (best[i][j] == best[i][lane] && at[i][j] < at[i][lane])) lane = j;
      work.nearest[row + i] = at[i][lane];
      work.products[row + i] = best[i][lane];
    }
  }
}

#define FIND_NEAREST_ROWS(BYTES, ROWS, TARGET) \
  TARGET inline void findNearestRows##BYTES(const NearestRows &work, size_t from, size_t to) { findNearestRowsWith<BYTES, ROWS>(work, from, to); }
EACH_UNIT(FIND_NEAREST_ROWS)
#undef FIND_NEAREST_ROWS

/** @param directions float32 [columns][dim] */
inline void findNearestRows(NearestRows work, const float *directions, size_t threads) {
  const VectorUnit unit = vectorUnit();
  const size_t wide = groupColumns<float>(unit.bytes);
  Aligned<float> groups;
  float *to = groups.room((work.columns + wide - 1) / wide * wide * work.dim);
  for (size_t column = 0; column < work.columns; column += wide) {
    for (size_t d = 0; d < work.dim; d++) {
      for (size_t lane = 0; lane < wide; lane++) *to++ = column + lane < work.columns ? directions[(column + lane) * work.dim + d] : 0;
    }
  }
  work.groups = groups.at();
  const size_t some = 480;
  shareOut((work.count + some - 1) / some, threads, [&](size_t part, size_t) {
    const size_t from = part * some, end = std::min(work.count, from + some);
#define TAKE(BYTES, ROWS, TARGET) \
  if (unit.bytes == BYTES) return findNearestRows##BYTES(work, from, end);
    EACH_UNIT(TAKE)
#undef TAKE
  });
}

}  // namespace neighbours
