// SPDX-License-Identifier: BSD-3-Clause

// Places of extrema against a search element by element: all types, layouts and subsets of axes, ties, NaN, infinities.

#include <agnesi/backend/cpu/arg_extremum.hpp>

#include <doctest/doctest.h>

#include <limits>
#include <type_traits>
#include <utility>
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
          std::vector<std::int64_t> in_parts(places.size(), -1);
          std::vector<T> values_in_parts(values.size(), T(77));
          seen parts_out = out, parts_found = found;
          parts_out.data = in_parts.data(), parts_found.data = values_in_parts.data();
          arg_extremum<T, Largest>(parts_out, x, mask, parts_found, 3);
          INFO("extents ", shape[0], " ", shape[1], " ", shape[2], ", layout ", layout, ", axes ", mask, ", ", Largest ? "largest" : "smallest");
          REQUIRE(wrong_places<T, Largest>(x, mask, out, found) == 0);
          REQUIRE(beside == places);
          INFO("by several threads");
          REQUIRE(in_parts == places);
          REQUIRE(wrong_places<T, Largest>(x, mask, parts_out, parts_found) == 0);
          for (std::size_t k = 1; k < values.size(); k += 2) REQUIRE(values[k] == T(77));
          REQUIRE(places.back() == -1);
        }
}

}  // namespace

TEST_CASE("the first of the largest and of the smallest elements is found, and NaN before all others") {
  const double bytes = std::exchange(agnesi::cpu::bounds.bytes_a_thread, 32.0);  // so that there is work for several threads
  check<float, true>();
  check<float, false>();
  check<double, true>();
  check<double, false>();
  check<std::int32_t, true>();
  check<std::int64_t, false>();
  check<std::uint8_t, true>();
  agnesi::cpu::bounds.bytes_a_thread = bytes;
}

TEST_CASE("rows and columns of every length about those of packs have their places found") {
  std::vector<float> numbers(40000);
  for (ptrdiff_t n = 1; n < 400; n += n < 140 ? 1 : 37)
    for (ptrdiff_t at = 0; at < n; at += n < 80 ? 1 : 7)
      for (int second = 0; second < 3; ++second) {
        const float low = second == 2 ? -std::numeric_limits<float>::infinity() : -1.f;
        for (ptrdiff_t k = 0; k < n * 9; ++k) numbers[static_cast<std::size_t>(k)] = low;
        if (second < 2)  // one at the place, and one at the end or a pack later
          for (ptrdiff_t j = 0; j < 9; ++j) {
            numbers[static_cast<std::size_t>(at * 9 + j)] = 2.f;
            numbers[static_cast<std::size_t>((second == 0 || at + 17 >= n ? n - 1 : at + 17) * 9 + j)] = 2.f;
          }
        seen x, out;
        x.rank = 2, x.extents[0] = n, x.extents[1] = 9, x.strides[0] = 9, x.strides[1] = 1, x.data = numbers.data();
        std::int64_t places[9];
        out.rank = 1, out.extents[0] = 9, out.strides[0] = 1, out.data = places;
        const std::int64_t wanted = second == 2 ? 0 : at;
        arg_extremum<float, true>(out, x, 1);
        for (std::int64_t p : places) REQUIRE(p == wanted);
        for (ptrdiff_t k = 0; k < n; ++k) numbers[static_cast<std::size_t>(k)] = numbers[static_cast<std::size_t>(9 * k)];
        x.extents[0] = 1, x.extents[1] = n, x.strides[0] = n;
        arg_extremum<float, true>(out, x, 2);
        INFO("n ", n, ", at ", at);
        REQUIRE(places[0] == wanted);
      }
  // Longer than what is searched at a time.
  for (ptrdiff_t at : {0, 32767, 32768, 32775, 39999}) {
    for (float& v : numbers) v = 1.f;
    numbers[static_cast<std::size_t>(at)] = 2.f;
    numbers[39999] = 2.f;
    seen x, out;
    std::int64_t place = -1;
    x.rank = 1, x.extents[0] = 40000, x.strides[0] = 1, x.data = numbers.data();
    out.data = &place;
    arg_extremum<float, true>(out, x, 1);
    REQUIRE(place == at);
    numbers[static_cast<std::size_t>(at)] = std::numeric_limits<float>::quiet_NaN();
    arg_extremum<float, false>(out, x, 1);
    REQUIRE(place == at);
  }
}
