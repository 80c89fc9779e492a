// SPDX-License-Identifier: BSD-3-Clause
// flags: --expt-relaxed-constexpr
//
// The body of a fused loop as a kernel's body: compiled for the device, run there if there is one, and run index by index
// on the host against run_loop.

#include <agnesi/backend/cpu/loop.hpp>
#include <agnesi/ops/elementwise.hpp>

#include <cmath>
#include <cstdio>
#include <vector>

namespace {

using namespace agnesi::loop_code;
using agnesi::dtype;
namespace op = agnesi::op;

// out = where(a < b, tanh(a * b), float(i)), with b's rows broadcast; hit = a < b
using program =
    agnesi::loop_program<agnesi::op_list<op::mul, op::tanh, op::less, op::where>, load(0, dtype::f32), load(1, dtype::f32),
                         apply(0, dtype::f32, 0, 1), apply(1, dtype::f32, 2), apply(2, dtype::boolean, 0, 1), iota(1),
                         cast(dtype::f32, 5), apply(3, dtype::f32, 4, 3, 6), store(2, 7), store(3, 4)>;

struct operand_list {
  agnesi::loop_operand at[4];
};

template <class Program>
__global__ void each_element(operand_list operands, std::ptrdiff_t rows, std::ptrdiff_t columns) {
  const std::ptrdiff_t k = std::ptrdiff_t{blockIdx.x} * blockDim.x + threadIdx.x;
  if (k >= rows * columns) return;
  const std::ptrdiff_t index[2] = {k / columns, k % columns};
  agnesi::run_element<Program, 2>(operands.at, index);
}

constexpr int rows = 37, columns = 53;

struct results {
  std::vector<float> out = std::vector<float>(rows * columns, -1);
  std::vector<unsigned char> hit = std::vector<unsigned char>(rows * columns, 7);

  bool agree_with(const results& other) const {
    for (std::size_t k = 0; k < out.size(); ++k)
      if (std::abs(out[k] - other.out[k]) > 1e-6f * (1 + std::abs(out[k])) || hit[k] != other.hit[k]) return false;
    return true;
  }
};

operand_list operands_at(float* a, float* b, float* out, void* hit) {
  return {{{a, {1, rows}}, {b, {0, 1}}, {out, {columns, 1}}, {hit, {columns, 1}}}};
}

bool run_on_device(std::vector<float>& a, std::vector<float>& b, results& got) {
  int devices = 0;
  if (cudaGetDeviceCount(&devices) != cudaSuccess || devices == 0) return false;
  float *da, *db, *dout;
  void* dhit;
  const std::size_t bytes = a.size() * sizeof(float);
  if (cudaMalloc(&da, bytes) != cudaSuccess || cudaMalloc(&db, columns * sizeof(float)) != cudaSuccess ||
      cudaMalloc(&dout, bytes) != cudaSuccess || cudaMalloc(&dhit, a.size()) != cudaSuccess)
    return false;
  cudaMemcpy(da, a.data(), bytes, cudaMemcpyHostToDevice);
  cudaMemcpy(db, b.data(), columns * sizeof(float), cudaMemcpyHostToDevice);
  each_element<program><<<(rows * columns + 127) / 128, 128>>>(operands_at(da, db, dout, dhit), rows, columns);
  cudaMemcpy(got.out.data(), dout, bytes, cudaMemcpyDeviceToHost);
  cudaMemcpy(got.hit.data(), dhit, a.size(), cudaMemcpyDeviceToHost);
  const bool fine = cudaGetLastError() == cudaSuccess;
  cudaFree(da), cudaFree(db), cudaFree(dout), cudaFree(dhit);
  return fine;
}

}  // namespace

int main() {
  std::vector<float> a(rows * columns), b(columns);
  for (std::size_t k = 0; k < a.size(); ++k) a[k] = std::sin(static_cast<float>(k));
  for (std::size_t k = 0; k < b.size(); ++k) b[k] = std::cos(static_cast<float>(3 * k));

  results by_loop, by_element, by_device;
  agnesi::run_loop<program>({2, {rows, columns}},
                            operands_at(a.data(), b.data(), by_loop.out.data(), by_loop.hit.data()).at);
  const operand_list operands = operands_at(a.data(), b.data(), by_element.out.data(), by_element.hit.data());
  for (std::ptrdiff_t i = 0; i < rows; ++i)
    for (std::ptrdiff_t j = 0; j < columns; ++j) {
      const std::ptrdiff_t index[2] = {i, j};
      agnesi::run_element<program, 2>(operands.at, index);
    }
  const bool host = by_loop.agree_with(by_element), ran = run_on_device(a, b, by_device);
  const bool device = !ran || by_loop.agree_with(by_device);
  std::printf("loop body: host %s, device %s\n", host ? "agrees" : "differs",
              !ran ? "absent" : device ? "agrees" : "differs");
  return host && device ? 0 : 1;
}
