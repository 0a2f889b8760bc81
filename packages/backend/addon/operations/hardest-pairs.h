// The farthest positive and the closest negative of each anchor, without a matrix of distances.
//
// All products are formed once of rounded rows, 16-bit integers, tile by tile, and only bounds are kept of what they stand for: how close
// a pair is at least and at most. What could be the extreme by these bounds, one or two references of an anchor as a rule, is then compared
// in double precision. So what is found does not depend on threads, tiles or the processor.
//
// Rows are rounded after the mean of the anchors, of some where there are many, is taken away from them, each by a step of its own: a crowd of embeddings, however dense
// and wherever it is, keeps as many digits as any other.
//
// Included once for each kind of processor, within a namespace of its own, after panels.h and rows.h.

class HardestPairs {
public:
  HardestPairs(const PairsOf &pairs, const HardestOf &hardest)
      : of(pairs), into(hardest), isOneSet(pairs.anchors == pairs.references && pairs.n == pairs.m), width(widthOf(pairs.dim)),
        panels((pairs.n + leftRows - 1) / leftRows), productError(float(integerNorm * std::sqrt(double(width)) * 1.02 + width + 1024)),
        pool(WorkerPool::shared()), states(pool.threads()) {}

  void find() {
    if (of.n == 0) return;
    prepareAnchors();
    const int block = of.m >= 16 * blockUnit * pool.threads() ? largestBlock : blockUnit;
    const int blocks = (of.m + block - 1) / block;
    pool.run(blocks, [&](int task, int thread) {
      if (!states[thread]) states[thread] = std::make_unique<Thread>(of.n, width);
      // Of one set the last block comes first: it is compared with the most anchors.
      const int start = (isOneSet ? blocks - 1 - task : task) * block;
      compareWith(start, std::min(of.m, start + block), *states[thread]);
    });
    const int share = 64;
    pool.run((of.n + share - 1) / share, [&](int task, int) {
      Buffers buffers(width);
      for (int i = task * share; i < std::min(of.n, (task + 1) * share); i++) settle(i, buffers);
    });
  }

private:
  static constexpr int blockUnit = 48;
  static constexpr int largestBlock = 2 * blockUnit;
  static_assert(blockUnit % leftRows == 0 && blockUnit % rightRows == 0, "panels end where blocks do");
  /** Norm of a row of integers: products of two stay below 2^31, columns below 2^15. */
  static constexpr double integerNorm = 32700;
  static constexpr int room = 8;
  /** Anchors whose mean is that of all, nearly enough: what is found does not depend on it. */
  static constexpr int enoughForMean = 128;
  static constexpr float infinite = std::numeric_limits<float>::infinity();
  static constexpr int lanes = sizeof(Floats) / sizeof(float);

  struct Candidate {
    int32_t row;
    /** How close it is at most, of a negative; at least, of a positive. */
    float bound;
  };

  /** What one thread knows of one kind of pairs of one anchor. */
  struct Found {
    /** The best of those that were compared in double precision. */
    int32_t row = -1;
    float value = 0;
    int32_t count = 0;
    Candidate candidates[room];
  };

  /** What is kept of a row beside its integers. */
  struct Row {
    /** Of the integers; NaN of a row that is no number, to which nothing is close or far. */
    float step;
    /** What is subtracted from a product for how close a reference is, at most and at least; NaN where there is none. */
    float subtractedAtMost, subtractedAtLeast;
  };

  /** An anchor, which is loaded once for all that it is compared with, and a reference in double precision. */
  struct Buffers {
    std::vector<double> first, second;
    int anchor = -1;
    explicit Buffers(int width) : first(width), second(width) {}
  };

  struct Thread {
    std::vector<float> closestAtLeast, farthestAtMost;
    std::vector<Found> negatives, positives;
    AlignedIntegers panel;
    Buffers buffers;
    std::vector<float> row;
    std::vector<double> centered;
    alignas(64) float steps[largestBlock], atMost[largestBlock], atLeast[largestBlock];
    alignas(64) int32_t labels[largestBlock];

    // Some anchors more, for the end of a panel.
    Thread(int n, int width)
        : closestAtLeast(n + rightRows, -infinite), farthestAtMost(n + rightRows, infinite), negatives(n), positives(n),
          panel(int64_t(width) * largestBlock), buffers(width), row(width), centered(width) {
      std::fill_n(panel.data(), int64_t(width) * largestBlock, int16_t(0));
    }
  };

  // What anchors and references are made into.

  void prepareAnchors() {
    center.assign(width, 0);
    // By one thread: to wake others takes longer.
    std::vector<double> values(width);
    const int stride = std::max(1, of.n / enoughForMean), counted = (of.n + stride - 1) / stride;
    for (int i = 0; i < of.n; i += stride) {
      load(anchor(i), values.data());
      for (int k = 0; k < width; k++) center[k] += values[k];
    }
    double sum = 0;
    for (double &value : center) sum += (value /= counted);
    // Of a batch that holds what is no number.
    if (!std::isfinite(sum)) center.assign(width, 0);
    anchorPanels = AlignedIntegers(int64_t(panels) * leftRows * width);
    std::fill_n(anchorPanels.data() + int64_t(panels - 1) * leftRows * width, leftRows * width, int16_t(0));
    anchorRows.resize(panels * leftRows);
    const int share = 16 * leftRows;
    pool.run((of.n + share - 1) / share, [&](int task, int) {
      std::vector<float> row(width);
      std::vector<double> centered(width);
      for (int i = task * share; i < std::min(of.n, (task + 1) * share); i++) {
        anchorRows[i] = rounded(whole(anchor(i), row.data()), centered.data(), anchorPanels.data() + int64_t(i / leftRows) * leftRows * width, leftRows, i % leftRows);
        if (isOneSet && !isThere(i)) anchorRows[i].subtractedAtMost = anchorRows[i].subtractedAtLeast = NAN;
      }
    });
  }

  const float *anchor(int i) const { return of.anchors + int64_t(i) * of.dim; }
  const float *reference(int j) const { return of.references + int64_t(j) * of.dim; }
  bool isThere(int j) const { return !of.isFilled || of.isFilled[j] > 0; }

  /** A row as it is compared, in double precision. */
  void load(const float *row, double *into) const { loadRow(row, of.dim, of.normalized, into); }

  /** A row that is filled up with zeros: itself where it is whole, or a copy. */
  const float *whole(const float *row, float *buffer) const {
    if (of.dim == width) return row;
    return std::copy(row, row + of.dim, buffer) - of.dim;
  }

  /** Rounds a row that is filled up with zeros into its place in a panel of so many rows; `centered` is for itself. */
  Row rounded(const float *row, double *centered, int16_t *panel, int rows, int place) const {
    const double ownNorm = std::sqrt(exactProductOf(row, row, width)), scale = of.normalized ? 1 / std::max(ownNorm, 1e-12) : 1;
    Doubles squares[2] = {};
    for (int k = 0; k < width; k += 8) {
      for (int half = 0; half < 2; half++) {
        const int at = k + 4 * half;
        const Doubles value = fourAt(row + at) * scale - fourAt(center.data() + at);
        squares[half] += value * value;
        std::memcpy(centered + at, &value, sizeof value);
      }
    }
    const double square = sumOf(squares), ownSquare = ownNorm * scale * ownNorm * scale;
    const double norm = std::sqrt(square);
    const bool isNumber = std::isfinite(square);
    const double perStep = isNumber && norm > 0 ? integerNorm / norm : 0;
    int16_t *to = panel + 2 * place;
    for (int k = 0; k < width; k += 4, to += 4 * rows) {
      // To the nearest: what is cut off is above 0.
      const FourIntegers integers = perStep > 0 ? __builtin_convertvector(fourAt(centered + k) * perStep + 65536.5, FourIntegers) - 65536 : FourIntegers{};
      const FourShorts shorts = __builtin_convertvector(integers, FourShorts);
      uint32_t pairs[2];
      std::memcpy(pairs, &shorts, sizeof pairs);
      std::memcpy(to, &pairs[0], sizeof pairs[0]);
      std::memcpy(to + 2 * rows, &pairs[1], sizeof pairs[1]);
    }
    if (!isNumber) return {NAN, NAN, NAN};
    // Beside what floats round: distances within 1e-7 of a row's norm count as none, and equal floats as equal.
    const double subtracted = of.byProduct ? -exactProductOf(centered, center.data(), width) : square / 2;
    const double slack = std::abs(subtracted) * 5e-7 + ownSquare * (of.byProduct ? 2e-7 : 2e-14);
    return {float(norm / integerNorm), float(subtracted - slack), float(subtracted + slack)};
  }

  // The comparison of all anchors with some references.

  void compareWith(int start, int end, Thread &thread) const {
    const int count = end - start, padded = (count + rightRows - 1) / rightRows * rightRows;
    if (isOneSet) copyPanels(start, count, thread);
    for (int j = 0; j < padded; j++) {
      const Row row = j >= count ? Row{0, NAN, NAN} : isOneSet ? anchorRows[start + j] : intoPanel(start + j, j, thread);
      thread.steps[j] = row.step;
      thread.atMost[j] = row.subtractedAtMost;
      thread.atLeast[j] = row.subtractedAtLeast;
      thread.labels[j] = j < count ? of.referenceLabels[start + j] : 0;
    }
    // Of one set a pair is met once, at the later of the two, for both of them; within the block itself it is met twice.
    const int last = isOneSet ? (end + leftRows - 1) / leftRows : panels;
    const int before = isOneSet ? start / leftRows : 0;
    alignas(64) int32_t products[leftRows * rightRows];
    for (int panel = 0; panel < last; panel++) {
      const int16_t *left = anchorPanels.data() + int64_t(panel) * leftRows * width;
      const int rows = std::min(leftRows, of.n - panel * leftRows);
      for (int j = 0; j < padded; j += rightRows) {
        panelProduct(width / 2, left, thread.panel.data() + int64_t(j) * width, products);
        for (int r = 0; r < rows; r++) {
          if (panel < before) look(true, panel * leftRows + r, start, j, products + r * rightRows, thread);
          else look(false, panel * leftRows + r, start, j, products + r * rightRows, thread);
        }
      }
    }
  }

  /** Puts references that are anchors into their places, all of a left panel at once. */
  void copyPanels(int start, int count, Thread &thread) const {
    static_assert(rightRows % leftRows == 0, "a left panel is a part of a right one");
    for (int place = 0; place < count; place += leftRows) {
      const int16_t *from = anchorPanels.data() + int64_t(start + place) * width;
      int16_t *to = thread.panel.data() + int64_t(place / rightRows) * rightRows * width + 2 * (place % rightRows);
      for (int k = 0; k < width; k += 2, from += 2 * leftRows, to += 2 * rightRows) std::memcpy(to, from, 2 * leftRows * sizeof *to);
    }
  }

  /** Rounds a reference into its place among those of a block. */
  Row intoPanel(int j, int place, Thread &thread) const {
    int16_t *panel = thread.panel.data() + int64_t(place / rightRows) * rightRows * width;
    Row row = rounded(whole(reference(j), thread.row.data()), thread.centered.data(), panel, rightRows, place % rightRows);
    if (!isThere(j)) row.subtractedAtMost = row.subtractedAtLeast = NAN;
    return row;
  }

  /** One anchor and the references of a panel; where they are met once these are anchors, too. */
  __attribute__((always_inline)) void look(const bool bothWays, int i, int start, int j, const int32_t *products, Thread &thread) const {
    const Row &of = anchorRows[i];
    const Floats closest = Floats{} + thread.closestAtLeast[i], farthest = Floats{} + thread.farthestAtMost[i];
    const Integers label = Integers{} + this->of.anchorLabels[i];
    Floats atMost[rightRows / lanes], atLeast[rightRows / lanes];
    // Of the anchor, and of the references as anchors.
    Integers isAsked[rightRows / lanes], isAskedToo[rightRows / lanes] = {}, isSame[rightRows / lanes];
    for (int v = 0; v < rightRows / lanes; v++) {
      const int at = j + v * lanes;
      const Floats value = __builtin_convertvector(*reinterpret_cast<const Integers *>(products + v * lanes), Floats);
      const Floats step = *reinterpret_cast<const Floats *>(thread.steps + at) * of.step;
      atMost[v] = (value + productError) * step;
      atLeast[v] = (value - productError) * step;
      isSame[v] = *reinterpret_cast<const Integers *>(thread.labels + at) == label;
      isAsked[v] = atMost[v] - *reinterpret_cast<const Floats *>(thread.atMost + at) >= closest;
      if (bothWays) {
        Floats otherClosest;
        std::memcpy(&otherClosest, thread.closestAtLeast.data() + start + at, sizeof otherClosest);
        isAskedToo[v] = ~isSame[v] & (atMost[v] - of.subtractedAtMost >= otherClosest);
      }
      isAsked[v] &= ~isSame[v];
    }
    // Few references share a label.
    if (isAny(isSame[0] | isSame[1])) {
      for (int v = 0; v < rightRows / lanes; v++) {
        const int at = j + v * lanes;
        isAsked[v] |= isSame[v] & (atLeast[v] - *reinterpret_cast<const Floats *>(thread.atLeast + at) <= farthest);
        if (bothWays) {
          Floats otherFarthest;
          std::memcpy(&otherFarthest, thread.farthestAtMost.data() + start + at, sizeof otherFarthest);
          isAskedToo[v] |= isSame[v] & (atLeast[v] - of.subtractedAtLeast <= otherFarthest);
        }
      }
    }
    if (!isAny((isAsked[0] | isAsked[1]) | (isAskedToo[0] | isAskedToo[1]))) return;
    for (int c = 0; c < rightRows && start + j + c < this->of.m; c++) {
      const bool asked = isAsked[c / lanes][c % lanes], askedToo = isAskedToo[c / lanes][c % lanes];
      if (!asked && !askedToo) continue;
      const float most = atMost[c / lanes][c % lanes], least = atLeast[c / lanes][c % lanes];
      const bool isPositive = isSame[c / lanes][c % lanes];
      if (asked) meet(i, start + j + c, isPositive, most - thread.atMost[j + c], least - thread.atLeast[j + c], thread);
      if (askedToo) meet(start + j + c, i, isPositive, most - of.subtractedAtMost, least - of.subtractedAtLeast, thread);
    }
  }

  // What may be an extreme.

  void meet(int i, int j, bool isPositive, float atMost, float atLeast, Thread &thread) const {
    if (isPositive) {
      float &limit = thread.farthestAtMost[i];
      if (!(atLeast <= limit) || (of.ownRows && of.ownRows[i] == j)) return;
      limit = std::min(limit, atMost);
      add(i, true, {j, atLeast}, limit, thread.positives[i], thread.buffers);
    } else {
      float &limit = thread.closestAtLeast[i];
      if (!(atMost >= limit)) return;
      limit = std::max(limit, atLeast);
      add(i, false, {j, atMost}, limit, thread.negatives[i], thread.buffers);
    }
  }

  static bool isPossible(bool isPositive, float bound, float limit) { return isPositive ? bound <= limit : bound >= limit; }

  void add(int i, bool isPositive, Candidate candidate, float limit, Found &found, Buffers &buffers) const {
    if (found.count == room) {
      int kept = 0;
      for (int c = 0; c < room; c++) {
        if (isPossible(isPositive, found.candidates[c].bound, limit)) found.candidates[kept++] = found.candidates[c];
      }
      found.count = kept;
      if (kept > room / 2) {
        for (int c = 0; c < kept; c++) compare(i, isPositive, found.candidates[c].row, found.row, found.value, buffers);
        found.count = 0;
      }
    }
    found.candidates[found.count++] = candidate;
  }

  /** Compares a candidate in double precision with the best until now; of equals the first is better. */
  void compare(int i, bool isPositive, int j, int32_t &best, float &value, Buffers &buffers) const {
    const float apart = howFar(i, j, buffers);
    if (best >= 0 && !(isPositive ? apart > value : apart < value) && !(apart == value && j < best)) return;
    best = j;
    value = apart;
  }

  /** The distance as a float; of products with a minus. */
  float howFar(int i, int j, Buffers &buffers) const {
    double *left = buffers.first.data(), *right = buffers.second.data();
    if (buffers.anchor != i) load(anchor(i), left);
    buffers.anchor = i;
    load(reference(j), right);
    if (of.byProduct) return float(-exactProductOf(left, right, width));
    const double square = squaredDistance(left, right, width);
    // Rows that are closer are equal as far as float32 tells.
    return square <= 1e-14 * exactProductOf(left, left, width) ? 0 : float(std::sqrt(square));
  }

  /** What all threads found together; -1 where there is none. */
  int32_t extremeOf(int i, bool isPositive, Buffers &buffers) const {
    const auto foundBy = [&](const Thread &thread) -> const Found & { return isPositive ? thread.positives[i] : thread.negatives[i]; };
    float limit = isPositive ? infinite : -infinite;
    for (const auto &thread : states) {
      if (thread) limit = isPositive ? std::min(limit, thread->farthestAtMost[i]) : std::max(limit, thread->closestAtLeast[i]);
    }
    int possible = 0;
    int32_t best = -1;
    float value = 0;
    for (const auto &thread : states) {
      if (!thread) continue;
      const Found &found = foundBy(*thread);
      if (found.row >= 0) possible = 2;
      for (int c = 0; c < found.count; c++) {
        if (!isPossible(isPositive, found.candidates[c].bound, limit)) continue;
        possible++;
        best = found.candidates[c].row;
      }
    }
    if (possible < 2) return best;
    best = -1;
    for (const auto &thread : states) {
      if (!thread) continue;
      const Found &found = foundBy(*thread);
      if (found.row >= 0) compare(i, isPositive, found.row, best, value, buffers);
      for (int c = 0; c < found.count; c++) {
        if (isPossible(isPositive, found.candidates[c].bound, limit)) compare(i, isPositive, found.candidates[c].row, best, value, buffers);
      }
    }
    return best;
  }

  void settle(int i, Buffers &buffers) const {
    const int32_t positive = extremeOf(i, true, buffers), negative = extremeOf(i, false, buffers);
    const bool exists = positive >= 0 && negative >= 0;
    into.positives[i] = exists ? positive : 0;
    into.negatives[i] = exists ? negative : 0;
    into.exists[i] = exists;
  }

  const PairsOf of;
  const HardestOf into;
  const bool isOneSet;
  /** Columns, filled up with zeros. */
  const int width;
  const int panels;
  /** How far a product of rounded rows may be from that of the rows, in their steps: each column is off by half a step at most. */
  const float productError;
  WorkerPool &pool;
  std::vector<std::unique_ptr<Thread>> states;
  std::vector<double> center;
  AlignedIntegers anchorPanels{0};
  std::vector<Row> anchorRows;
};
