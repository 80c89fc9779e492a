// SPDX-License-Identifier: BSD-3-Clause
// Loops over xsimd's packs and functions, unrolled; stores past the caches where the arrays are larger than these.
#include "../support/packs.hpp"
#include "../support/repeat.hpp"
#include "elementwise.hpp"

#include <type_traits>

namespace elementwise {
namespace {

namespace packs = bench::packs;

template <class T, class F>
void run(long times, const T* a, const T* b, T* to, ptrdiff_t n) {
  constexpr F f{};
  constexpr ptrdiff_t cache = 24 << 20;
  bench::repeat(times, [&] {
    packs::in_parts(n, [&](ptrdiff_t begin, ptrdiff_t end) {
      if (n * static_cast<ptrdiff_t>(3 * sizeof(T)) > cache)
        packs::map<true>(a + begin, b + begin, to + begin, end - begin, f);
      else
        packs::map<false>(a + begin, b + begin, to + begin, end - begin, f);
    });
  });
}

template <class T>
struct functions {
  struct square_of_sum {
    auto operator()(auto a, auto b) const {
      const auto s = a + b;
      return decltype(a)(s * s);
    }
  };
  struct sum {
    auto operator()(auto a, auto b) const { return decltype(a)(decltype(a)(T(2)) * a + decltype(a)(T(3)) * b); }
  };
  struct one_more {
    auto operator()(auto a, auto) const { return decltype(a)(a + decltype(a)(T(1))); }
  };
  struct tenth_power {
    auto operator()(auto a, auto b) const {
      const auto b2 = b * b, b4 = b2 * b2;
      return decltype(a)(decltype(a)(T(2)) * a + b4 * b4 * b2);
    }
  };
  struct exp_and_tanh {
    auto operator()(auto a, auto b) const {
      using std::exp, std::tanh;
      return decltype(a)(exp(a) * tanh(b) + a);
    }
  };
  struct softplus_and_sigmoid {
    auto operator()(auto a, auto b) const {
      using std::abs, std::exp, std::log1p;
      using V   = decltype(a);
      const V e = exp(-abs(a));
      // A pack, or the numbers that are left over.
      if constexpr (std::is_same_v<V, T>)
        return V(log1p(e) + b * ((a >= 0 ? V(1) : e) / (1 + e)));
      else
        return V(log1p(e) + b * (packs::choose<T>(a >= V(T(0)), V(T(1)), e) / (V(T(1)) + e)));
    }
  };
};

}  // namespace

template <class T>
loops<T> by_hand() {
  using f = functions<T>;
  return {{run<T, typename f::square_of_sum>, run<T, typename f::sum>, run<T, typename f::one_more>,
           run<T, typename f::tenth_power>, run<T, typename f::exp_and_tanh>, run<T, typename f::softplus_and_sigmoid>}};
}
template loops<float> by_hand<float>();
template loops<double> by_hand<double>();

}  // namespace elementwise
