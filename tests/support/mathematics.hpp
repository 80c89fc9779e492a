// SPDX-License-Identifier: BSD-3-Clause
// What each elementwise operation computes, in long double by the C library: independent of the operation's block. An
// operation that is added to the core gets its line here.
//   const real of[] = {3, 4};   function_named("mul")->value(of) == 12
#pragma once

#include <cmath>
#include <string_view>

#include "support/ulps.hpp"

namespace agnesi::testing {

using real = long double;

struct mathematical_function {
  std::string_view name;
  real (*value)(const real*);
  double ulps = 0.5001;  // how far a result may be from it, in units in the last place
  double ulps_of_double = ulps;
};

inline constexpr mathematical_function mathematics[] = {
    {"cast", [](const real* a) { return a[0]; }},
    {"stop_gradient", [](const real* a) { return a[0]; }},
    {"add", [](const real* a) { return a[0] + a[1]; }},
    {"sub", [](const real* a) { return a[0] - a[1]; }},
    {"mul", [](const real* a) { return a[0] * a[1]; }},
    {"div", [](const real* a) { return a[0] / a[1]; }},
    {"neg", [](const real* a) { return -a[0]; }},
    {"sqr", [](const real* a) { return a[0] * a[0]; }},
    {"sqrt", [](const real* a) { return std::sqrt(a[0]); }},
    {"abs", [](const real* a) { return std::fabs(a[0]); }},
    {"sign", [](const real* a) { return a[0] > 0 ? real(1) : a[0] < 0 ? real(-1) : a[0]; }},
    {"pow", [](const real* a) { return std::pow(a[0], a[1]); }, 1},
    {"maximum", [](const real* a) { return a[0] > a[1] || std::isnan(a[0]) ? a[0] : a[1]; }},
    {"minimum", [](const real* a) { return a[0] < a[1] || std::isnan(a[0]) ? a[0] : a[1]; }},
    {"clip",
     [](const real* a) {
       const real raised = a[0] > a[1] || std::isnan(a[0]) ? a[0] : a[1];
       return raised < a[2] || std::isnan(raised) ? raised : a[2];
     }},
    {"where", [](const real* a) { return a[0] != 0 ? a[1] : a[2]; }},
    {"less", [](const real* a) { return real(a[0] < a[1]); }},
    {"less_equal", [](const real* a) { return real(a[0] <= a[1]); }},
    {"greater", [](const real* a) { return real(a[0] > a[1]); }},
    {"greater_equal", [](const real* a) { return real(a[0] >= a[1]); }},
    {"equal", [](const real* a) { return real(a[0] == a[1]); }},
    {"not_equal", [](const real* a) { return real(a[0] != a[1]); }},
    {"logical_and", [](const real* a) { return real(a[0] != 0 && a[1] != 0); }},
    {"logical_or", [](const real* a) { return real(a[0] != 0 || a[1] != 0); }},
    {"logical_not", [](const real* a) { return real(a[0] == 0); }},
    {"exp", [](const real* a) { return std::exp(a[0]); }, 2},
    {"expm1", [](const real* a) { return std::expm1(a[0]); }, 2},
    {"log", [](const real* a) { return std::log(a[0]); }, 2},
    {"log1p", [](const real* a) { return std::log1p(a[0]); }, 2},
    {"sin", [](const real* a) { return std::sin(a[0]); }, 2.4},
    {"cos", [](const real* a) { return std::cos(a[0]); }, 2.4},
    {"tanh", [](const real* a) { return std::tanh(a[0]); }, 2.6},
    {"sigmoid", [](const real* a) { return 1 / (1 + std::exp(-a[0])); }, 2.4},
    {"softplus", [](const real* a) { return (a[0] < 0 ? 0 : a[0]) + std::log1p(std::exp(-std::fabs(a[0]))); }, 2},
    {"relu", [](const real* a) { return a[0] <= 0 ? real(0) : a[0]; }},
    {"erf", [](const real* a) { return std::erf(a[0]); }, 1.6},
    {"erfc", [](const real* a) { return std::erfc(a[0]); }, 3.6},
    {"erfcx", [](const real* a) { return erfcx_of(a[0]); }, 8},
    {"log_erfc", [](const real* a) { return log_erfc_of(a[0]); }, 8},
    {"logaddexp", [](const real* a) { return logaddexp_of(a[0], a[1]); }, 4},
    {"log1mexp",
     [](const real* a) { return a[0] > -0.7L ? std::log(-std::expm1(a[0])) : std::log1p(-std::exp(a[0])); }, 3},
};

constexpr const mathematical_function* function_named(std::string_view name) {
  for (const mathematical_function& f : mathematics)
    if (f.name == name) return &f;
  return nullptr;
}

}  // namespace agnesi::testing
