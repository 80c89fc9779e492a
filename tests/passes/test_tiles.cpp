// SPDX-License-Identifier: BSD-3-Clause

// Which steps are done together, tile by tile, and which are not.

#include <agnesi/agnesi.hpp>

#include <string>

#include <doctest/doctest.h>

namespace {

namespace ag = agnesi;
using namespace ag::literals;

constexpr auto x = ag::matrix<"x">;
constexpr auto y = ag::matrix<"y">;
constexpr auto v = ag::vector<"v">;
constexpr auto w = ag::vector<"w">;
constexpr auto table = ag::matrix<"table">;
constexpr auto ids = ag::vector<"ids", std::int32_t>;
constexpr auto small = ag::matrix<"small", double, 70, 10>;
constexpr auto large = ag::matrix<"large", double, 700, 100>;

// "1 to 3 along dim<0>(x)", one line for each tiling.
template <class F>
std::string tilings(const F& f) {
  const std::string text = f.explain();
  std::string found;
  for (std::size_t at = text.find("    steps "); at != std::string::npos; at = text.find("    steps ", at + 1)) {
    std::string line = text.substr(at + 10, text.find(":\n", at) - at - 10);
    line.replace(line.find(", tile by tile"), 14, "");
    found += (found.empty() ? "" : "\n") + line;
  }
  return found;
}
template <class... S, class... R>
std::string tilings_of(ag::input_list<S...> in, R... results) {
  return tilings(ag::function(in, results...));
}
bool says(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("reductions of rows and what is made of them, whatever the axis") {
  CHECK(tilings_of(ag::inputs(x), ag::outputs(softmax(x, ag::axis<1>))) == "1 to 3 along dim<0>(x)");
  CHECK(tilings_of(ag::inputs(x), ag::outputs(softmax(x, ag::axis<0>))) == "1 to 4 along dim<1>(x)");
  CHECK(tilings_of(ag::inputs(x), ag::outputs(x / sum(abs(x), ag::axis<1>, ag::keepdims))) == "1 to 2 along dim<0>(x)");
}

TEST_CASE("steps that share no matrix, or need all of what the one before writes, are left alone") {
  CHECK(tilings_of(ag::inputs(v, w), ag::outputs(v / sum(v), w * max(w))) == "");
  CHECK(tilings_of(ag::inputs(x), ag::outputs(x / sum(x))) == "");
  CHECK(tilings_of(ag::inputs(x), ag::outputs(x - transpose(x) / max(x))) == "");
  CHECK(tilings_of(ag::inputs(x, y), ag::outputs(tanh(dot(x, y)))) == "");
}

TEST_CASE("sums over the tiles, but nothing that reads them") {
  auto centered = x - mean(x, ag::axis<1>, ag::keepdims);
  CHECK(tilings_of(ag::inputs(x), ag::outputs(sum(sqr(centered)))) == "1 to 3 along dim<0>(x)");
  CHECK(tilings_of(ag::inputs(x), ag::outputs(sum(x, ag::axis<0>), sum(x, ag::axis<1>))) == "1 to 2 along dim<0>(x)");
  // The mean of all is known after the last tile only.
  CHECK(tilings_of(ag::inputs(x), ag::outputs(sum(sqr(x - mean(x))))) == "");
}

TEST_CASE("a matrix that is multiplied twice; a copy of the vector that changes between") {
  auto r = sigmoid(dot(x, w)) - v;
  const auto slope = ag::function(ag::inputs(x, v, w), ag::outputs(dot(r, x)));
  CHECK(tilings(slope) == "1 to 3 along dim<0>(x)");
  const auto update = ag::function(ag::inputs(x, v, w), ag::updates(w = w - 0.1_c * dot(r, x)));
  CHECK(tilings(update) == "2 to 4 along dim<0>(x)");
  CHECK(says(update.explain(), " 1. fused loop  a copy of the caller's w\n"));
}

TEST_CASE("an update in place goes along where it writes the elements that its tile has read") {
  CHECK(tilings_of(ag::inputs(x), ag::updates(x = x - mean(x, ag::axis<1>, ag::keepdims))) == "1 to 3 along dim<0>(x)");
  CHECK(tilings_of(ag::inputs(x), ag::updates(x = x - transpose(x) * expand_dims<1>(sum(x, ag::axis<1>)))) == "");
}

TEST_CASE("what is looked up goes along, also a vector") {
  CHECK(tilings_of(ag::inputs(table, ids, w), ag::outputs(dot(table(ids), w))) == "1 to 2 along dim<0>(ids)");
  CHECK(tilings_of(ag::inputs(v, ids, w), ag::outputs(exp(v(ids)) * w)) == "1 to 2 along dim<0>(ids)");
}

TEST_CASE("what fits in the first cache, as far as the compiler knows, is done at once") {
  CHECK(tilings_of(ag::inputs(small), ag::outputs(softmax(small, ag::axis<1>))) == "");
  CHECK(tilings_of(ag::inputs(large), ag::outputs(softmax(large, ag::axis<1>))) == "1 to 3 along 700");
}

TEST_CASE("a temporary that no step outside reads is as large as a tile") {
  const auto f = ag::function(ag::inputs(x, w), ag::outputs(dot(exp(x - mean(x, ag::axis<1>, ag::keepdims)), w)));
  CHECK(tilings(f) == "1 to 4 along dim<0>(x)");
  CHECK(says(f.explain(), "workspace: what is in a tile\n"));
}
