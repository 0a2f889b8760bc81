// The row with the largest product, for each of many rows: points and centroids of k-means.

#pragma once

#include <algorithm>
#include <limits>
#include <vector>

#include "products.h"
#include "workers.h"

namespace neighbours {

/** Rows that others are compared with, packed: float32 [columns][dim] in groups of columns. */
class PackedRows {
 public:
  /** @param ids which rows are packed; all for null */
  void pack(const float *rows, size_t dim, const int32_t *ids, size_t count) {
    const size_t wide = groupColumns<float>(vectorUnit().bytes);
    columns = count;
    float *to = memory_.room(roundedUp(count, wide) * dim);
    groups = to;
    for (size_t column = 0; column < count; column += wide) {
      for (size_t lane = 0; lane < wide; lane++) {
        const float *from = column + lane < count ? rows + (ids ? ids[column + lane] : column + lane) * dim : nullptr;
        for (size_t d = 0; d < dim; d++) to[d * wide + lane] = from ? from[d] : 0;
      }
      to += wide * dim;
    }
  }

  const float *groups = nullptr;
  size_t columns = 0;

 private:
  Aligned<float> memory_;
};

struct NearestRows {
  /** float32 [rows][dim] */
  const float *points;
  size_t dim;
  /** Which of the points; all for null. What is found stands in their order. */
  const int32_t *ids;
  size_t count;
  const float *groups;
  size_t columns;
  /** A column that each of them is not compared with; may be null. */
  const int32_t *except;
  /** The first of those columns that are largest, its product, and the largest product of another: -∞ where there is none. The last may be null. */
  int32_t *nearest;
  float *products;
  float *seconds;
};

/** What was found for a row in some columns. */
struct NearestColumn {
  int32_t at = 0;
  float best = -std::numeric_limits<float>::infinity();
  float second = -std::numeric_limits<float>::infinity();
};

template <typename Vector, typename Lanes>
FORCED_INLINE Vector lanesOf(Vector given, Lanes lanes) {
#if defined(__clang__)
  Vector moved;
  for (size_t i = 0; i < sizeof(Vector) / sizeof(given[0]); i++) moved[i] = given[lanes[i]];
  return moved;
#else
  return __builtin_shuffle(given, lanes);
#endif
}

/** Columns [begin, end) of a group each, begin at the edge of a group; rows [from, to), of which `found` has so many. */
template <int BYTES, int ROWS>
FORCED_INLINE void findNearestRowsWith(const NearestRows &work, size_t from, size_t to, size_t begin, size_t end, NearestColumn *found) {
  using Vector = typename VectorOf<float, BYTES>::type;
  using Piece = typename VectorOf<float, pieceBytes(BYTES)>::type;
  using Columns = typename VectorOf<int32_t, pieceBytes(BYTES)>::type;
  constexpr int LANES = pieceBytes(BYTES) / 4, COLUMNS = groupColumns<float>(BYTES);
  const Piece none = Piece{} - std::numeric_limits<float>::infinity();
  Columns lanes;
  for (int i = 0; i < LANES; i++) lanes[i] = i;
  for (size_t row = from; row < to; row += ROWS) {
    const float *points[ROWS];
    Columns except[ROWS];
    for (int i = 0; i < ROWS; i++) {
      const size_t at = std::min(row + i, to - 1);
      points[i] = work.points + (work.ids ? work.ids[at] : at) * work.dim;
      except[i] = Columns{} + (work.except ? work.except[at] : -1);
    }
    Piece best[ROWS], second[ROWS];
    Columns at[ROWS];
    for (int i = 0; i < ROWS; i++) {
      best[i] = second[i] = none;
      at[i] = Columns{};
    }
    for (size_t column = begin; column < end; column += COLUMNS) {
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
      const bool isWhole = column + COLUMNS <= work.columns && !work.except;
      const Columns last = Columns{} + static_cast<int32_t>(work.columns);
#pragma GCC unroll 4
      for (int part = 0; part < COLUMNS / LANES; part++) {
        const Columns columns = lanes + static_cast<int32_t>(column + part * LANES);
#pragma GCC unroll 16
        for (int i = 0; i < ROWS; i++) {
          Piece product = pieceOf<Piece>(sums[i], part);
          if (!isWhole) product = (columns < last) & (columns != except[i]) ? product : none;
          const Columns isNearer = product > best[i];
          const Piece lower = isNearer ? best[i] : product;
          second[i] = lower > second[i] ? lower : second[i];
          best[i] = isNearer ? product : best[i];
          at[i] = isNearer ? columns : at[i];
        }
      }
    }
    // Lanes meet in pairs, then in fours, until each has the whole.
#pragma GCC unroll 4
    for (int step = LANES / 2; step > 0; step /= 2) {
#pragma GCC unroll 16
      for (int i = 0; i < ROWS; i++) {
        const Columns others = lanes ^ step;
        const Piece otherBest = lanesOf(best[i], others), otherSecond = lanesOf(second[i], others);
        const Columns otherAt = lanesOf(at[i], others);
        const Columns isNearer = (otherBest > best[i]) | ((otherBest == best[i]) & (otherAt < at[i]));
        const Piece lower = isNearer ? best[i] : otherBest, own = isNearer ? otherSecond : second[i];
        second[i] = lower > own ? lower : own;
        best[i] = isNearer ? otherBest : best[i];
        at[i] = isNearer ? otherAt : at[i];
      }
    }
    for (int i = 0; i < ROWS && row + i < to; i++) {
      NearestColumn &one = found[row + i - from];
      if (best[i][0] > one.best) one = {at[i][0], best[i][0], std::max(one.best, second[i][0])};
      else one.second = std::max(one.second, best[i][0]);
    }
  }
}

#define FIND_NEAREST_ROWS(BYTES, ROWS, TARGET) \
  TARGET inline void findNearestRows##BYTES(const NearestRows &work, size_t from, size_t to, size_t begin, size_t end, NearestColumn *found) { \
    findNearestRowsWith<BYTES, ROWS>(work, from, to, begin, end, found); \
  }
EACH_UNIT(FIND_NEAREST_ROWS)
#undef FIND_NEAREST_ROWS

inline void findNearestRows(const NearestRows &work, size_t threads) {
  const VectorUnit unit = vectorUnit();
  const size_t wide = groupColumns<float>(unit.bytes);
  // Columns that stay in the second cache, and rows that they are read for.
  const size_t piece = std::max<size_t>(1, 160 * 1024 / (4 * work.dim * wide)) * wide;
  constexpr size_t SOME = 480;
  shareOut((work.count + SOME - 1) / SOME, threads, [&](size_t part, size_t) {
    const size_t from = part * SOME, to = std::min(work.count, from + SOME);
    NearestColumn found[SOME];
    for (size_t begin = 0; begin < work.columns; begin += piece) {
      const size_t end = std::min(work.columns, begin + piece);
#define TAKE(BYTES, ROWS, TARGET) \
  if (unit.bytes == BYTES) findNearestRows##BYTES(work, from, to, begin, end, found);
      EACH_UNIT(TAKE)
#undef TAKE
    }
    for (size_t row = from; row < to; row++) {
      work.nearest[row] = found[row - from].at;
      work.products[row] = found[row - from].best;
      if (work.seconds) work.seconds[row] = found[row - from].second;
    }
  });
}

}  // namespace neighbours
