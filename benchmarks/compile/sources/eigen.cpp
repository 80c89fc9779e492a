// SPDX-License-Identifier: BSD-3-Clause
// The yardstick: Eigen/Dense and one product.
#include <Eigen/Dense>

Eigen::MatrixXd product(const Eigen::MatrixXd& a, const Eigen::MatrixXd& b) { return a * b; }
