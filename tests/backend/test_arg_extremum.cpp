// SPDX-License-Identifier: BSD-3-Clause

// Places of extrema against a search element by element: all types, layouts and subsets of axes, ties, NaN, infinities.

#include <agnesi/backend/cpu/arg_extremum.hpp>

#include <doctest/doctest.h>

#include <limits>
#include <type_traits>
#include <vector>

using agnesi::cpu::arg_extremum;
using agnesi::cpu::seen;
using std::ptrdiff_t;

namespace {

unsigned random_bits() {
  static unsigned state = 11;
  state = state * 1664525u + 1013904223u;
  return state >> 8;
}

enum class kind { few_values, distinct, nan, zeros_and_infinities };

template <class T>
T element(kind how) {
  if constexpr (std::is_floating_point_v<T>) {
    if (how == kind::nan && random_bits() % 50 == 0) return std::numeric_limits<T>::quiet_NaN();
    if (how == kind::zeros_and_infinities) {
      constexpr T infinity = std::numeric_limits<T>::infinity();
      const T some[] = {T(0), -T(0), infinity, -infinity};
      return some[random_bits() % 4];
    }
  }
  return static_cast<T>(random_bits() % (how == kind::few_values ? 3 : 200));
}

template <class T, bool Largest>
ptrdiff_t wrong_places(const seen& x, std::int64_t mask, const seen& out, const seen& values) {
  ptrdiff_t wrong = 0, at[3];
  const auto extent = [&](int a, bool reduced) { return ((mask >> a & 1) != 0) == reduced ? x.extents[a] : 1; };
  for (at[0] = 0; at[0] < extent(0, false); ++at[0])
    for (at[1] = 0; at[1] < extent(1, false); ++at[1])
      for (at[2] = 0; at[2] < extent(2, false); ++at[2]) {
        ptrdiff_t where = 0, k = 0, result = 0, value = 0, of[3];
        T best{};
        for (int a = 0, o = 0; a < 3; ++a)
          if ((mask >> a & 1) == 0) value += at[a] * values.strides[o], result += at[a] * out.strides[o++];
        for (of[0] = 0; of[0] < extent(0, true); ++of[0])
          for (of[1] = 0; of[1] < extent(1, true); ++of[1])
            for (of[2] = 0; of[2] < extent(2, true); ++of[2], ++k) {
              ptrdiff_t offset = 0;
              for (int a = 0; a < 3; ++a) offset += (at[a] + of[a]) * x.strides[a];
              const T v = static_cast<const T*>(x.data)[offset];
              if (k == 0 || (!(best != best) && (v != v || (Largest ? v > best : v < best)))) best = v, where = k;
            }
        wrong += static_cast<const std::int64_t*>(out.data)[result] != where;
        const T found = static_cast<const T*>(values.data)[value];
        wrong += best != best ? found == found : found != best;
      }
  return wrong;
}

template <class T, bool Largest>
void check() {
  const ptrdiff_t shapes[][3] = {{1, 1, 1}, {1, 1, 7},  {3, 5, 17},   {2, 70, 300}, {1, 1, 5000},
                                 {4, 1, 64}, {300, 2, 9}, {1, 2100, 3}, {0, 2, 3},    {65, 8, 1}};
  for (const auto& shape : shapes)
    for (kind how : {kind::few_values, kind::distinct, kind::nan, kind::zeros_and_infinities})
      for (int layout = 0; layout < 4; ++layout)
        for (std::int64_t mask = 1; mask < 8; ++mask) {
          seen x, out, found;
          x.rank = 3;
          ptrdiff_t next = layout == 3 ? 2 : 1, lowest = 0;
          for (int k = 0; k < 3; ++k) {
            const int a = layout == 1 ? k : 2 - k;
            x.extents[a] = shape[a];
            x.strides[a] = layout == 2 ? -next : next;
            if (layout == 2) lowest += next * (shape[a] - 1);
            next *= shape[a];
          }
          std::vector<T> numbers(static_cast<std::size_t>(next > 0 ? next : 1));
          for (T& v : numbers) v = element<T>(how);
          x.data = numbers.data() + (lowest > 0 ? lowest : 0);
          ptrdiff_t size = 1;
          for (int a = 0; a < 3; ++a) {
            if ((mask >> a & 1) != 0) continue;
            out.extents[out.rank] = shape[a];
            found.strides[out.rank] = 2 * size;
            out.strides[out.rank++] = size;
            size *= shape[a];
          }
          bool nothing = false;
          for (int a = 0; a < 3; ++a) nothing = nothing || ((mask >> a & 1) != 0 && shape[a] == 0);
          if (nothing) continue;
          std::vector<std::int64_t> places(static_cast<std::size_t>(size) + 1, -1);
          out.data = places.data();
          std::vector<T> values(2 * static_cast<std::size_t>(size) + 1, T(77));
          found.data = values.data();
          arg_extremum<T, Largest>(out, x, mask, found);
          const std::vector<std::int64_t> beside = places;
          arg_extremum<T, Largest>(out, x, mask);
          INFO("extents ", shape[0], " ", shape[1], " ", shape[2], ", layout ", layout, ", axes ", mask, ", ", Largest ? "largest" : "smallest");
          REQUIRE(wrong_places<T, Largest>(x, mask, out, found) == 0);
          REQUIRE(beside == places);
          for (std::size_t k = 1; k < values.size(); k += 2) REQUIRE(values[k] == T(77));
          REQUIRE(places.back() == -1);
        }
}

}  // namespace

TEST_CASE("the first of the largest and of the smallest elements is found, and NaN before all others") {
  check<float, true>();
  check<float, false>();
  check<double, true>();
  check<double, false>();
  check<std::int32_t, true>();
  check<std::int64_t, false>();
  check<std::uint8_t, true>();
}
