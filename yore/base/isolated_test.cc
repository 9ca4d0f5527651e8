#include "yore/base/isolated.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <set>
#include <stdexcept>
#include <vector>

namespace yore::base {
namespace {

TEST(Isolated, ResultsComeInOrderWhateverTheJobsTake) {
  for (const int at_once : {1, 3, 16}) {
    std::vector<std::size_t> order;
    for_each_isolated(
        12, {.at_once = at_once},
        [](std::size_t i) {
          ::usleep(i % 3 == 0 ? 20'000 : 0);
          return std::string(i * 40'000, static_cast<char>('a' + i));  // more than a pipe holds
        },
        [&](std::size_t i, const IsolatedResult& result) {
          order.push_back(i);
          EXPECT_EQ(result.failure, "");
          EXPECT_EQ(result.text, std::string(i * 40'000, static_cast<char>('a' + i)));
        });
    EXPECT_EQ(order, (std::vector<std::size_t>{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11})) << at_once;
  }
}

TEST(Isolated, WhatFailsSaysWhyAndStopsNobody) {
  std::vector<std::string> failures, texts;
  for_each_isolated(
      6, {.at_once = 4, .seconds = 1},
      [](std::size_t i) -> std::string {
        volatile bool forever = true;
        switch (i) {
          case 0:
            throw std::runtime_error("no such thing");
          case 1:
            while (forever) {
            }
            return "";
          case 2:
            ::raise(SIGKILL);
            return "";
          case 3:
            ::_exit(0);
          case 4:
            throw 4;
          default:
            return "fine";
        }
      },
      [&](std::size_t, const IsolatedResult& result) {
        failures.push_back(result.failure);
        texts.push_back(result.text);
      });
  EXPECT_EQ(failures, (std::vector<std::string>{"no such thing", "took more than 1 second of processor time",
                                                "ended by signal 9 (Killed)", "ended without a result",
                                                "an exception of unknown type", ""}));
  EXPECT_EQ(texts, (std::vector<std::string>{"", "", "", "", "", "fine"}));
}

TEST(Isolated, JobsRunBesideEachOtherAndChangeNothingHere) {
  int touched = 0;
  std::set<std::string> processes;
  const auto begin = std::chrono::steady_clock::now();
  for_each_isolated(
      8, {.at_once = 8},
      [&](std::size_t) {
        ++touched;
        ::usleep(200'000);
        return std::to_string(::getpid());
      },
      [&](std::size_t, const IsolatedResult& result) { processes.insert(result.text); });
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::milliseconds(1500));  // 1.6 s one by one
  EXPECT_EQ(touched, 0);
  EXPECT_EQ(processes.size(), 8u);
}

TEST(Isolated, AThrowingVisitorEndsTheRest) {
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_THROW(for_each_isolated(
                   3, {.at_once = 3},
                   [](std::size_t i) {
                     if (i > 0) ::sleep(60);
                     return std::string();
                   },
                   [](std::size_t, const IsolatedResult&) { throw std::runtime_error("enough"); }),
               std::runtime_error);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(30));
  for_each_isolated(0, {}, nullptr, nullptr);
  EXPECT_THROW(for_each_isolated(1, {.at_once = 0}, nullptr, nullptr), std::invalid_argument);
}

}  // namespace
}  // namespace yore::base
