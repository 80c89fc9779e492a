// SPDX-License-Identifier: BSD-3-Clause
// expect: a scalar must have rank 0
// within: 4
template <int Rank> constexpr int scalar_of() {
  static_assert(Rank == 0, "a scalar must have rank 0");
  return Rank;
}
#ifdef MISTAKE
constexpr int value = scalar_of<1>();
#else
constexpr int value = scalar_of<0>();
#endif
