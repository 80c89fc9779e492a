// SPDX-License-Identifier: BSD-3-Clause
// doctest's main, for every test_*.cpp of this folder.
#define DOCTEST_CONFIG_IMPLEMENT_WITH_MAIN
#include <doctest/doctest.h>
