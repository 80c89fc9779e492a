// SPDX-License-Identifier: BSD-3-Clause

// Transcendental functions: nanoseconds per element and the largest error in units in the last place, of the
// library's packs, xsimd's, Eigen's where it is found, and the C library's; one thread, 1000 elements, which
// stay in the first cache.
//
//   g++ -std=c++20 -O3 -march=native -Iinclude benchmarks/run/mathematics.cpp && ./a.out exp tanh
//
// Errors are those of all arguments, taken at random from the patterns of the type, and of those that are
// timed; ∞ where an infinity, a NaN or zero stands in the place of something else.

#include <agnesi/backend/cpu/math/operations.hpp>
#include <agnesi/ops/error_function.hpp>

#if __has_include(<eigen3/unsupported/Eigen/SpecialFunctions>)
#define HAS_EIGEN 1
#include <eigen3/unsupported/Eigen/SpecialFunctions>
#else
#define HAS_EIGEN 0
#endif

#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include "clean_environment.hpp"

namespace {

namespace simd = agnesi::simd;
namespace op   = agnesi::op;
using real     = long double;

constexpr std::size_t n = 1000 / 16 * 16; // whole packs

template <class T> struct data { alignas(64) T a[n], b[n], out[n]; };

template <class T> double error_of(T got, real wanted) {
  using limits  = std::numeric_limits<T>;
  const T right = static_cast<T>(wanted);
  if (std::isnan(got) || std::isnan(right) || std::isinf(got) || std::isinf(right))
    return got == right || (std::isnan(got) && std::isnan(right)) ? 0
                                                                  : std::numeric_limits<double>::infinity();
  if ((got == 0) != (right == 0) && std::fabs(wanted) >= static_cast<real>(limits::min()))
    return std::numeric_limits<double>::infinity();
  int e = 0;
  std::frexp(wanted, &e);
  const real unit = std::max(std::ldexp(1.0L, e - limits::digits), static_cast<real>(limits::denorm_min()));
  return static_cast<double>(std::fabs(static_cast<real>(got) - wanted) / unit);
}

// All functions have an `all(const T* a, const T* b, T* out)`.
template <class Op, class T> struct ours {
  static constexpr bool there = true;
  [[gnu::noinline]] static void all(const T* a, const T* b, T* out) {
    for (std::size_t k = 0; k < n; k += simd::lanes<T>) {
      if constexpr (Op::arity == 2)
        simd::store<T>(out + k, simd::evaluate<Op>(simd::load(a + k), simd::load(b + k)));
      else
        simd::store<T>(out + k, simd::evaluate<Op>(simd::load(a + k)));
    }
  }
};
template <class T, class Function> struct by_packs {
  static constexpr bool there = AGNESI_HAS_XSIMD;
  [[gnu::noinline]] static void all(const T* a, const T* b, T* out) {
#if AGNESI_HAS_XSIMD
    for (std::size_t k = 0; k < n; k += simd::lanes<T>) {
      const simd::pack<T> y = Function{}(simd::load(a + k), simd::load(b + k));
      simd::store<T>(out + k, y);
    }
#endif
  }
};
template <class T, class Function> struct by_eigen {
  static constexpr bool there = HAS_EIGEN;
  [[gnu::noinline]] static void all(const T* a, const T* b, T* out) {
#if HAS_EIGEN
    using row = Eigen::Array<T, static_cast<int>(n), 1>;
    Eigen::Map<row, Eigen::Aligned64> to(out);
    to = Function{}(Eigen::Map<const row, Eigen::Aligned64>(a), Eigen::Map<const row, Eigen::Aligned64>(b));
#endif
  }
};
template <class T, class Function> struct one_by_one {
  static constexpr bool there = true;
  [[gnu::noinline]] static void all(const T* a, const T* b, T* out) {
    for (std::size_t k = 0; k < n; ++k) out[k] = Function{}(a[k], b[k]);
  }
};
struct none {
  static constexpr bool there = false;
};

template <class T>
void fill(data<T>& d, double low, double high, double low_b, double high_b, std::mt19937_64& random) {
  std::uniform_real_distribution<double> a(low, high), b(low_b, high_b);
  for (std::size_t k = 0; k < n; ++k) d.a[k] = static_cast<T>(a(random)), d.b[k] = static_cast<T>(b(random));
}
template <class T> void fill_with_anything(data<T>& d, std::mt19937_64& random) {
  for (T* to : {d.a, d.b})
    for (std::size_t k = 0; k < n; ++k) {
      const std::uint64_t bits = random();
      std::memcpy(to + k, &bits, sizeof(T));
    }
}

template <class Way, class T>
void show_error(data<T>& d, real (*truth)(real, real), double low, double high, double low_b, double high_b) {
  if constexpr (!Way::there) {
    std::printf("%14s", "-");
  } else {
    std::mt19937_64 random(1);
    double worst[2] = {};
    for (int round = 0; round < 200; ++round) {
      if (round % 2 == 0)
        fill(d, low, high, low_b, high_b, random);
      else
        fill_with_anything(d, random);
      Way::all(d.a, d.b, d.out);
      for (std::size_t k = 0; k < n; ++k)
        worst[round % 2] = std::max(worst[round % 2], error_of(d.out[k], truth(d.a[k], d.b[k])));
    }
    for (double w : worst) {
      if (w < 100)
        std::printf(" %6.2f", w);
      else if (w < 1e300)
        std::printf(" %6.0e", w);
      else
        std::printf("      ∞");
    }
  }
}

template <class T, class Ours, class Xsimd, class Eigens, class Libms>
void show(const char* name, real (*truth)(real, real), double low, double high, double low_b = 0,
          double high_b = 1) {
  static data<T> d;
  std::mt19937_64 random(7);
  fill(d, low, high, low_b, high_b, random);
  std::vector<double> times[4];
  const auto time_of = [&]<class Way>(std::vector<double>& of) {
    if constexpr (Way::there)
      of.push_back(bench::seconds(20,
                                  [] {
                                    Way::all(d.a, d.b, d.out);
                                    bench::use(d.out[0]);
                                  }) *
                   1e9 / n);
  };
  for (int round = 0; round < 41; ++round) {
    time_of.template operator()<Ours>(times[0]);
    time_of.template operator()<Xsimd>(times[1]);
    time_of.template operator()<Eigens>(times[2]);
    time_of.template operator()<Libms>(times[3]);
  }
  std::printf("%-9s %-6s", name, sizeof(T) == 4 ? "float" : "double");
  for (auto& t : times) {
    if (t.empty())
      std::printf("       -");
    else
      std::printf("  %6.3f", *std::min_element(t.begin(), t.end()));
  }
  std::printf("  |");
  show_error<Ours>(d, truth, low, high, low_b, high_b);
  show_error<Xsimd>(d, truth, low, high, low_b, high_b);
  show_error<Eigens>(d, truth, low, high, low_b, high_b);
  show_error<Libms>(d, truth, low, high, low_b, high_b);
  std::printf("\n");
}

template <class... Names> bool wanted(const char* name, int count, char** names) {
  bool any = count <= 1;
  for (int k = 1; k < count; ++k) any = any || std::strcmp(names[k], name) == 0;
  return any;
}

template <class Op, class Xsimd, class Eigens, class Libms>
void both(const char* name, real (*truth)(real, real), double low, double high, double low_b = 0,
          double high_b = 1) {
  const auto of = [&]<class T>(T) {
    using eigen = std::conditional_t<std::is_same_v<Eigens, none>, none, by_eigen<T, Eigens>>;
    using xsimd = std::conditional_t<std::is_same_v<Xsimd, none>, none, by_packs<T, Xsimd>>;
    show<T, ours<Op, T>, xsimd, eigen, one_by_one<T, Libms>>(name, truth, low, high, low_b, high_b);
  };
  of(float());
  of(double());
}

// The same expression of packs, arrays and numbers.
struct exp_of {
  auto operator()(auto x, auto) const {
    using std::exp;
    return exp(x);
  }
};
struct expm1_of {
  auto operator()(auto x, auto) const {
    using std::expm1;
    return expm1(x);
  }
};
struct log_of {
  auto operator()(auto x, auto) const {
    using std::log;
    return log(x);
  }
};
struct log1p_of {
  auto operator()(auto x, auto) const {
    using std::log1p;
    return log1p(x);
  }
};
struct sin_of {
  auto operator()(auto x, auto) const {
    using std::sin;
    return sin(x);
  }
};
struct cos_of {
  auto operator()(auto x, auto) const {
    using std::cos;
    return cos(x);
  }
};
struct tanh_of {
  auto operator()(auto x, auto) const {
    using std::tanh;
    return tanh(x);
  }
};
struct erf_of {
  auto operator()(auto x, auto) const {
    using std::erf;
    return erf(x);
  }
};
struct erfc_of {
  auto operator()(auto x, auto) const {
    using std::erfc;
    return erfc(x);
  }
};
struct pow_of {
  auto operator()(auto x, auto y) const {
    using std::pow;
    return pow(x, y);
  }
};
struct sigmoid_of {
  auto operator()(auto x, auto) const {
    using std::exp;
    return decltype(x)(decltype(x)(1) / (decltype(x)(1) + exp(-x)));
  }
};
struct logistic_of {
  auto operator()(auto x, auto) const { return x.logistic(); }
};
struct softplus_of {
  auto operator()(auto x, auto) const { return op::softplus::eval(x); }
};

} // namespace

int main(int count, char** names) {
  bench::with_clean_environment(names);
  std::printf(
      "%-16s  ns an element: ours, xsimd, Eigen, C | units in the last place: timed arguments, all of them\n",
      "");
  const auto run = [&](const char* name, auto what) {
    if (wanted(name, count, names)) what(name);
  };
  run("exp", [](auto s) {
    both<op::exp, exp_of, exp_of, exp_of>(
        s, [](real x, real) { return std::exp(x); }, -20, 20);
  });
  run("expm1", [](auto s) {
    both<op::expm1, expm1_of, expm1_of, expm1_of>(
        s, [](real x, real) { return std::expm1(x); }, -5, 5);
  });
  run("log", [](auto s) {
    both<op::log, log_of, log_of, log_of>(
        s, [](real x, real) { return std::log(x); }, 0.01, 100);
  });
  run("log1p", [](auto s) {
    both<op::log1p, log1p_of, log1p_of, log1p_of>(
        s, [](real x, real) { return std::log1p(x); }, -0.9, 10);
  });
  run("tanh", [](auto s) {
    both<op::tanh, tanh_of, tanh_of, tanh_of>(
        s, [](real x, real) { return std::tanh(x); }, -5, 5);
  });
  run("sigmoid", [](auto s) {
    both<op::sigmoid, sigmoid_of, logistic_of, sigmoid_of>(
        s, [](real x, real) { return x < 0 ? std::exp(x) / (1 + std::exp(x)) : 1 / (1 + std::exp(-x)); }, -10,
        10);
  });
  run("softplus", [](auto s) {
    both<op::softplus, softplus_of, none, softplus_of>(
        s, [](real x, real) { return (x < 0 ? 0 : x) + std::log1p(std::exp(-std::fabs(x))); }, -10, 10);
  });
  run("sin", [](auto s) {
    both<op::sin, sin_of, sin_of, sin_of>(
        s, [](real x, real) { return std::sin(x); }, -10, 10);
  });
  run("cos", [](auto s) {
    both<op::cos, cos_of, cos_of, cos_of>(
        s, [](real x, real) { return std::cos(x); }, -10, 10);
  });
  run("erf", [](auto s) {
    both<op::erf, erf_of, erf_of, erf_of>(
        s, [](real x, real) { return std::erf(x); }, -3, 3);
  });
  run("erfc", [](auto s) {
    both<op::erfc, erfc_of, erfc_of, erfc_of>(
        s, [](real x, real) { return std::erfc(x); }, -3, 9);
  });
  run("pow", [](auto s) {
    both<op::pow, pow_of, pow_of, pow_of>(
        s, [](real x, real y) { return std::pow(x, y); }, 0.05, 50, -5, 5);
  });
}
