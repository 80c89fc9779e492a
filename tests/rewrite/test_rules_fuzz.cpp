// SPDX-License-Identifier: BSD-3-Clause
// Every rule of every table on the edges of its domain, in float, double, and, where it can match there, on integers,
// bytes and truth values.
//
// Both sides are computed as the machine does it, and in long double as the reference, whose own uncertainty is
// measured by disturbing every operation in its last place. Then, where every number on the way is finite,
//   the two references agree, and the right side is no further from them than `factor` times the left side is, or
//   `units` units in the last place (or than the least normal number: results below it may be flushed).
// Under ag::ieee, with infinities and NaN among the operands, both sides are moreover NaN, or neither is; unless the
// left one came to be NaN or infinite by an infinity on the way, where the right side may give what it stands for.
#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <limits>
#include <random>
#include <sstream>

#include "agnesi/ir/copy.hpp"
#include "agnesi/rewrite/tables/canonical.hpp"
#include "agnesi/rewrite/tables/stable.hpp"
#include "support/machine.hpp"
#include "support/rule_sides.hpp"

namespace ag = agnesi;
using ag::dtype, ag::fact, ag::graph, ag::rule;
using ag::testing::real, ag::testing::tensor_value, ag::testing::values, ag::testing::rule_sides;
using interpreter = ag::testing::detail::interpreter;

namespace {

constexpr real factor = 4, units = 8;
constexpr int n_noises = 16;

struct named_table {
  const char* name;
  const rule* rules;
  int size;
  bool stabilizes;
};
template <int N>
constexpr named_table listed(const char* name, const rule (&rules)[N], bool stabilizes = false) {
  return {name, rules, N, stabilizes};
}
constexpr named_table tables[] = {listed("canonical", ag::tables::canonical), listed("exact", ag::tables::exact),
                                  listed("stable", ag::tables::stable, true), listed("special", ag::tables::special)};

unsigned seed() {
  const char* given = std::getenv("AGNESI_SEED");
  return given != nullptr ? static_cast<unsigned>(std::strtoul(given, nullptr, 10)) : 1;
}

struct trial {
  const rule& r;
  dtype type;
  bool ieee, stabilizes;
};

template <class T>
std::vector<real> edges(bool ieee) {
  using limits = std::numeric_limits<T>;
  std::vector<real> e = {0, limits::denorm_min(), limits::min(), limits::min() * 3, limits::epsilon() / 4, limits::epsilon(),
                         1e-9L, 1e-4L, 0.1L, 0.5L, 0.6931471805599453L, 1 - limits::epsilon() / 2, 1, 1 + limits::epsilon(),
                         1.5L, 2, 3, 10, 17, 37, 40, 88, 104, 500, 700, 709, 746, 3000, 1e4L, 1e15L, std::sqrt(limits::max()),
                         limits::max() / 2, limits::max()};
  if (ieee) e.push_back(limits::infinity()), e.push_back(limits::quiet_NaN());
  for (std::size_t k = 0, n = e.size(); k < n; ++k) e.push_back(-e[k]);
  for (real& v : e) v = static_cast<T>(v);
  return e;
}

class sampler {
 public:
  sampler(const trial& t, std::mt19937& random) : t_(t), random_(random) {
    if (t.type == dtype::f32) edges_ = edges<float>(t.ieee);
    else if (t.type == dtype::f64) edges_ = edges<double>(t.ieee);
    else if (t.type == dtype::boolean) edges_ = {0, 1};
    else edges_ = {0, 1, 2, 3, 5, 17, 100, 127, 200, 255};
    if (t.type == dtype::i32)
      for (std::size_t k = 0, n = edges_.size(); k < n; ++k) edges_.push_back(-edges_[k]);
  }
  // All operands of a sample; `k`-th sample of an operand alone meets the edges one after the other.
  values operator()(const rule_sides& s, std::int64_t rows) {
    values in;
    std::vector<real> before;
    for (int w = 0; w < ag::patterns::n_wildcards; ++w) {
      if (s.wildcards[w].node < 0) continue;
      const int node = s.wildcards[w].node;
      std::vector<std::int64_t> extents;
      for (int k = 0; k < s.g.rank(node); ++k) extents.push_back(k == 0 ? rows : rule_sides::columns);
      tensor_value t(extents);
      for (std::int64_t k = 0; k < t.count(); ++k) {
        const bool equal = !before.empty() && pick(5) == 0;
        real v = equal ? before[static_cast<std::size_t>(k) % before.size()] : number(k);
        if (equal && pick(3) == 0) v = -v;
        t[k] = s.wildcards[w].truth ? real(pick(2)) : allowed(v, w);
      }
      if (!s.wildcards[w].truth) before = t.elements;
      in[std::string(s.g.symbol_name(static_cast<int>(s.g.attr(node, 0))))] = t;
    }
    return in;
  }

 private:
  const trial& t_;
  std::mt19937& random_;
  std::vector<real> edges_;

  int pick(int n) { return std::uniform_int_distribution<int>(0, n - 1)(random_); }
  real number(std::int64_t k) {
    if (k < static_cast<std::int64_t>(edges_.size()) && pick(2) == 0) return edges_[static_cast<std::size_t>(k)];
    if (pick(2) == 0) return edges_[static_cast<std::size_t>(pick(static_cast<int>(edges_.size())))];
    if (t_.type == dtype::boolean) return pick(2);
    if (!ag::is_float(t_.type)) return t_.type == dtype::u8 ? pick(256) : pick(400) - 200;
    const real size = std::pow(real(10), std::uniform_real_distribution<double>(pick(3) == 0 ? -30 : -3, 3)(random_));
    return rounded(pick(2) == 0 ? size : -size);
  }
  real rounded(real v) const {
    return t_.type == dtype::f32 ? static_cast<float>(v) : t_.type == dtype::f64 ? static_cast<double>(v) : v;
  }
  // A value that the guards allow; in exact arithmetic, so that under ag::ieee it may have underflowed, or be no number.
  real allowed(real v, int w) const {
    const auto asks = [&](fact f) { return ag::testing::requires_fact(t_.r, f, w); };
    if (t_.type == dtype::u8 || t_.type == dtype::boolean) v = v < 0 ? -v : v;
    if (asks(fact::positive) || asks(fact::nonnegative)) v = std::fabs(v);
    if (asks(fact::below_zero)) v = -std::fabs(v);
    const bool not_zero = asks(fact::nonzero) || (!t_.ieee && (asks(fact::positive) || asks(fact::below_zero)));
    return v == 0 && not_zero ? (asks(fact::below_zero) ? -1 : 1) : v;
  }
};

// What is met among the operands, or on the way to a result, at one sample.
struct way {
  bool has_nan = false, has_infinity = false, leaves_range = false, underflows = false;
  bool finite() const { return !has_nan && !has_infinity; }
};
// Whether an infinity, or a zero or one where a logarithm has its pole or zero, is there by overflow, underflow or
// rounding: it came of operands that are finite and don't make it one.
bool leaves_range(const graph& g, const interpreter& run, int id, std::int64_t k, std::int64_t rows) {
  const ag::op_info& o = *g[id].op;
  const auto is = [&](auto&... i) { return ((&o == &i) || ...); };
  if (is(ag::info<ag::op::log>, ag::info<ag::op::log1p>, ag::info<ag::op::log1mexp>) || g[id].n_args == 0) return false;
  const real v = run.at(id)[k];
  const bool difference = is(ag::info<ag::op::add>, ag::info<ag::op::sub>);
  const bool rounds = difference ? v == 0 : v == 0 || std::fabs(v) == 1;
  const bool lost = std::isinf(v) || (std::isnan(v) && o.kind == ag::op_kind::reduce);
  if ((!rounds && !lost) || (rounds && o.cost < 4 && !difference && !is(ag::info<ag::op::mul>, ag::info<ag::op::prod>)))
    return false;
  bool zero = false, infinity = false;
  const std::int64_t own = run.at(id).rank() == 0 ? 1 : run.at(id).count() / rows;
  for (int j = 0; j < g[id].n_args; ++j) {
    const int arg = g.arg(id, j);
    const tensor_value& a = run.at(arg);
    const std::int64_t per_row = a.rank() == 0 ? 1 : a.count() / rows, row = a.rank() == 0 ? 0 : k / own;
    for (std::int64_t i = 0; i < per_row; ++i) {
      if (per_row == own && i != k % own) continue;
      const real u = a[row * per_row + i];
      zero = zero || u == 0;
      infinity = infinity || std::isinf(u);
      if (std::isnan(u) || (std::isnan(v) && zero && infinity)) return false;
      if (std::isnan(v)) continue;
      if (std::isinf(u)) return false;
      if (u == 0 && !difference && !(is(ag::info<ag::op::div>) && j == 0)) return false;
      if (rounds && difference && (g.is(arg, ag::info<ag::op::input>))) return false;
    }
  }
  return true;
}
way way_to(const graph& g, const interpreter& run, int root, std::int64_t row, std::int64_t rows, bool operands) {
  const ag::vec<bool> live = ag::live_nodes(g, root);
  way w;
  for (int id = 0; id <= root; ++id) {
    if (!live[id] || g.is(id, ag::info<ag::op::input>) != operands || ag::is_constant(g, id)) continue;
    const tensor_value& t = run.at(id);
    const std::int64_t per_row = t.rank() == 0 ? 1 : t.count() / rows;
    for (std::int64_t k = 0; k < per_row; ++k) {
      const std::int64_t place = (t.rank() == 0 ? 0 : row * per_row) + k;
      w.has_nan = w.has_nan || std::isnan(t[place]);
      w.has_infinity = w.has_infinity || std::isinf(t[place]);
      w.leaves_range = w.leaves_range || (!operands && ::leaves_range(g, run, id, place, rows));
      w.underflows = w.underflows || (!operands && std::fabs(t[place]) < 1e-4900L &&
                                      (t[place] != 0 || (g[id].op->cost > 4 && ::leaves_range(g, run, id, place, rows))));
    }
  }
  return w;
}

struct side {
  real machine = 0, exact = 0, uncertainty = 0;
  real largest = 0;  // of the numbers on the way
};
std::string shown(real v) {
  std::ostringstream s;
  s.precision(18);
  s << v;
  return s.str();
}

real smallest_normal(dtype t) {
  return t == dtype::f32 ? real(std::numeric_limits<float>::min()) : real(std::numeric_limits<double>::min());
}
real largest_number(dtype t) {
  return t == dtype::f32 ? real(std::numeric_limits<float>::max()) : real(std::numeric_limits<double>::max());
}
real epsilon(dtype t) {
  return t == dtype::f32 ? real(std::numeric_limits<float>::epsilon()) : real(std::numeric_limits<double>::epsilon());
}

// Rules that keep less than the relative accuracy of the left side, as the price of not overflowing.
enum class error_of { sum, exponent };
struct allowance {
  const char* rule;
  error_of kind;
};
constexpr allowance allowances[] = {
    // A sum of logarithms that nearly cancel has the error of its terms.
    {"log(prod(x)) >> sum(log(x))", error_of::sum},
    {"log1mexp", error_of::sum},
    {"logaddexp", error_of::sum},
    {"logsumexp", error_of::sum},
    {"log_product", error_of::sum},
    // p - y is 0 for a certain p, where the formula as written would tell how certain.
    {"cross_entropy", error_of::sum},
    // The rounding of the exponent is the relative error of the power: at most 700 units.
    {"softmax", error_of::exponent},
    {"pow(exp(x), y) >> exp(x * y)", error_of::exponent},
};
bool keeps(const rule& r, error_of kind) {
  for (const allowance& a : allowances)
    if (a.kind == kind && goes_by(r, a.rule)) return true;
  return false;
}

// What is wrong at a sample where all is finite in exact arithmetic.
std::string wrong_value(const trial& t, const side& l, const side& r) {
  if (!std::isfinite(l.uncertainty)) return "";
  if (!std::isfinite(r.exact)) return "the right side is not a number in exact arithmetic";
  if (std::fabs(l.exact - r.exact) > 2 * (l.uncertainty + r.uncertainty)) return "the sides differ in exact arithmetic";
  const side& best = l.uncertainty <= r.uncertainty ? l : r;
  const real ref = best.exact, least = smallest_normal(t.type);
  if (std::fabs(ref) > largest_number(t.type) * (1 - 16 * epsilon(t.type)))
    return std::isfinite(l.machine) && std::fabs(l.machine) > largest_number(t.type) / 2 && !std::isfinite(r.machine)
               ? "the right side overflows"
               : "";
  const auto error = [&](real v) { return std::isfinite(v) ? std::fabs(v - ref) : HUGE_VALL; };
  if (error(r.machine) == HUGE_VALL) return error(l.machine) == HUGE_VALL ? "" : "the right side is not a number";
  const real bound = factor * error(l.machine) + units * epsilon(t.type) * std::fabs(ref) + best.uncertainty + least;
  const real allowed = units * epsilon(t.type) * std::max(real(1), r.largest);
  if (keeps(t.r, error_of::sum) && error(r.machine) <= allowed) return "";
  if (keeps(t.r, error_of::exponent) && error(r.machine) <= allowed * std::fabs(ref)) return "";
  return error(r.machine) > bound ? "the right side is less accurate" : "";
}
// Under ag::ieee, with anything as operand.
std::string wrong_special(const trial& t, const side& l, const side& r, way operands, way results, bool compared) {
  const bool limit = results.leaves_range || (t.stabilizes && !operands.has_nan && results.has_infinity);
  if (std::isnan(l.machine)) return std::isnan(r.machine) || limit ? "" : "no NaN, which the left side is";
  if (std::isnan(r.machine))
    return std::isfinite(l.uncertainty) || !std::isnan(r.exact) ? "NaN, which the left side is not" : "";
  if (results.leaves_range && std::isinf(l.machine)) return "";
  if (std::isinf(l.machine) || std::isinf(r.machine)) return l.machine == r.machine ? "" : "another infinity";
  if (limit || operands.finite() || compared) return "";
  const real size = std::max(std::fabs(l.machine), std::fabs(r.machine));
  return std::fabs(l.machine - r.machine) <= 0.01L * size + 1e-30L ? "" : "another value";
}

real largest_on_the_way(const graph& g, const interpreter& run, int root, std::int64_t row, std::int64_t rows) {
  const ag::vec<bool> live = ag::live_nodes(g, root);
  real m = 0;
  for (int id = 0; id <= root; ++id) {
    const tensor_value& t = run.at(id);
    const std::int64_t per_row = !live[id] || t.count() == 0 ? 0 : t.rank() == 0 ? 1 : t.count() / rows;
    for (std::int64_t k = 0; k < per_row; ++k) {
      const real v = std::fabs(t[(t.rank() == 0 ? 0 : row * per_row) + k]);
      if (v > m && std::isfinite(v)) m = v;
    }
  }
  return m;
}

template <class F>
real spread(F value, real middle) {
  real widest = 0;
  for (int k = 0; k < n_noises; ++k) widest = std::max(widest, std::fabs(value(k) - middle));
  return widest;
}

// What is wrong about a rule, with the operands that show it; empty where nothing is.
std::string fuzzed(const trial& t, std::mt19937& random, int& compared) {
  const double choices[] = {1, 2, 3, -1, 5, 4};
  const double constants[] = {choices[random() % 6], choices[random() % 6]};
  const std::int64_t probe_rows = 2;
  const rule_sides probe(t.r, t.type, probe_rows, constants);
  // Where operands are converted on the way, there is no such node to match.
  for (int id = 0; id <= probe.left; ++id)
    if (!ag::is_float(t.type) && probe.g.is(id, ag::info<ag::op::cast>)) return "";
  for (int k = 0; k < t.r.when.n; ++k)
    if (t.r.when.items[k].known == (ag::is_float(t.type) ? fact::discrete : fact::floating)) return "";
  for (int k = 0; k < t.r.when.n; ++k)
    if (t.r.when.items[k].known == fact::has_sign && (t.type == dtype::u8 || t.type == dtype::boolean)) return "";
  const int repeats = probe.has_scalars() ? 200 : 1;
  const std::int64_t rows = probe.has_scalars() ? 1 : 1500;
  for (int repeat = 0; repeat < repeats; ++repeat) {
    const rule_sides s(t.r, t.type, rows, constants), ref(t.r, ag::is_float(t.type) ? dtype::f64 : t.type, rows, constants);
    REQUIRE(s.g.failure == ag::mistake::none);
    const values in = sampler(t, random)(s, rows);
    const interpreter machine(s.g, in, {&ag::testing::machine_value}), exact(ref.g, in);
    std::vector<interpreter> noisy;
    for (int k = 0; k < n_noises; ++k) noisy.emplace_back(ref.g, in, ag::testing::detail::evaluation{nullptr, k});
    const tensor_value& left = machine.at(s.left);
    for (std::int64_t k = 0; k < left.count(); ++k) {
      const std::int64_t row = left.rank() == 0 ? 0 : k / (left.count() / rows);
      const auto seen = [&](int on_machine, int exactly) {
        side v{machine.at(on_machine)[k], exact.at(exactly)[k], 0};
        v.uncertainty = spread([&](int n) { return noisy[static_cast<std::size_t>(n)].at(exactly)[k]; }, v.exact);
        v.uncertainty = 4 * v.uncertainty + 0x1p-62L * std::fabs(v.exact);
        return v;
      };
      const side l = seen(s.left, ref.left);
      side r = seen(s.right, ref.right);
      r.largest = largest_on_the_way(s.g, machine, s.right, row, rows);
      const way operands = way_to(s.g, machine, s.left, row, rows, true);
      std::string wrong;
      bool known = false;
      if (!ag::is_float(t.type)) {
        if (std::fabs(l.exact) > 1e9L) continue;
        wrong = l.exact == r.exact || (std::isnan(l.exact) && std::isnan(r.exact)) ? "" : "another integer";
      } else if (t.ieee ? !operands.has_nan : operands.finite()) {
        const way exactly = way_to(ref.g, exact, ref.left, row, rows, false);
        known = exactly.finite() && !exactly.underflows;
        if (known) wrong = wrong_value(t, l, r);
      }
      if (wrong.empty() && t.ieee)
        wrong = wrong_special(t, l, r, operands, way_to(s.g, machine, s.left, row, rows, false), known);
      ++compared;
      if (wrong.empty()) continue;
      std::string at;
      for (const auto& [name, v] : in) {
        const std::int64_t per_row = v.rank() == 0 ? 1 : v.count() / rows;
        for (std::int64_t j = 0; j < per_row; ++j) at += " " + name + " = " + shown(v[(v.rank() == 0 ? 0 : row * per_row) + j]);
      }
      return std::string(to_text(t.r).view()) + (t.ieee ? " under ag::ieee" : "") + ", " + std::string(spelled(t.type)) +
             ": " + wrong + " at" + at + ": " + shown(l.machine) + " becomes " + shown(r.machine) + ", exactly " +
             shown(l.exact) + " and " + shown(r.exact) + " up to " + shown(l.uncertainty) + " and " + shown(r.uncertainty);
    }
  }
  return "";
}

void fuzz_table(const char* name) {
  std::mt19937 random(seed());
  for (const named_table& table : tables) {
    if (std::string(name) != table.name) continue;
    for (int k = 0; k < table.size; ++k) {
      const rule& r = table.rules[k];
      int compared = 0;
      for (dtype type : {dtype::f32, dtype::f64, dtype::i32, dtype::u8, dtype::boolean})
        for (bool ieee : {false, true})
          if (!ieee || (!r.when.not_ieee && ag::is_float(type))) {
            const std::string wrong = fuzzed({r, type, ieee, table.stabilizes}, random, compared);
            CHECK(wrong == "");
          }
      INFO(std::string(to_text(r).view()));
      CHECK(compared > 500);
    }
  }
}

}  // namespace

TEST_CASE("canonical rules hold at the edges") { fuzz_table("canonical"); }
TEST_CASE("exact rules hold at the edges") { fuzz_table("exact"); }
TEST_CASE("stabilizing rules hold at the edges") { fuzz_table("stable"); }
TEST_CASE("special rules hold at the edges") { fuzz_table("special"); }

using namespace ag::patterns;
constexpr rule wrong_rules[] = {
    log(1 + x) >> log1p(-x),
    sqrt(sqr(x)) >> x,
    (exp(x) - 1) >> x,                     // where x is tiny, it is right
    sqrt(sqr(x) + sqr(y)) >> (abs(x) + abs(y)) | positive(x),
    maximum(x, y) >> x,
    sum(exp(x)) >> exp(sum(x)),
    log(sum(exp(x))) >> max(x),            // nearly, for operands far from each other
    (abs(x) - y) >> (x - y) | nonnegative(y),
};
constexpr rule inaccurate_rules[] = {
    (exp(x) - 1) >> expm1(x),  // not this one: it is more accurate
    sqrt(sqr(expm1(x))) >> abs(exp(x) - 1),
};
constexpr rule ieee_rules[] = {
    (x - x) >> 0,
    x / x >> 1,
    x * 0 >> 0,
    (softplus(x) - x) >> softplus(-x),
    where(y >= 0, x, x) * 0 >> 0,
};

TEST_CASE("a wrong rule is found out") {
  std::mt19937 random(seed());
  int compared = 0;
  for (const rule& r : wrong_rules)
    for (dtype type : {dtype::f32, dtype::f64}) CHECK(fuzzed({r, type, false, false}, random, compared) != "");
  for (const rule& r : inaccurate_rules)
    for (dtype type : {dtype::f32, dtype::f64})
      CHECK((fuzzed({r, type, false, false}, random, compared) != "") == (&r != inaccurate_rules));
  for (const rule& r : ieee_rules)
    for (dtype type : {dtype::f32, dtype::f64}) CHECK(fuzzed({r, type, true, false}, random, compared) != "");
}

TEST_CASE("every table of rules is among those tested here") {
  for (const auto& file : std::filesystem::directory_iterator(AGNESI_SOURCE_DIR "/include/agnesi/rewrite/tables")) {
    std::ifstream s(file.path());
    const std::string start = "inline constexpr rule ";
    for (std::string line; std::getline(s, line);) {
      if (line.rfind(start, 0) != 0) continue;
      const std::string name = line.substr(start.size(), line.find('[') - start.size());
      const bool known =
          std::any_of(std::begin(tables), std::end(tables), [&](const named_table& t) { return t.name == name; });
      INFO(name << " of " << file.path().filename().string());
      CHECK(known);
    }
  }
}
