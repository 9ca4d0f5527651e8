#include "yore/tasks/text/windows.h"

#include <gtest/gtest.h>

namespace yore::tasks {
namespace {

// Every size of document, window and stride up to a bound. The tokens number their places.
TEST(Windows, EveryTokenButTheFirstIsAskedOnce) {
  for (std::size_t n = 2; n <= 20; ++n)
    for (std::size_t context = 1; context <= 22; ++context)
      for (std::size_t stride = 1; stride <= context; ++stride) {
        std::vector<std::int32_t> document;
        for (std::size_t i = 0; i < n; ++i) document.push_back(static_cast<std::int32_t>(i));
        Batch batch;
        add_windows(document, context, stride, batch);
        std::vector<int> asked(n, 0);
        for (std::size_t b = 0; b + 1 < batch.starts.size(); ++b) {
          EXPECT_LE(batch.length(static_cast<std::int64_t>(b)), static_cast<std::int64_t>(context));
          for (auto i = static_cast<std::size_t>(batch.starts[b]);
               i < static_cast<std::size_t>(batch.starts[b + 1]); ++i) {
            const std::int32_t place =
                static_cast<std::int32_t>(b * stride + i) - static_cast<std::int32_t>(batch.starts[b]);
            ASSERT_EQ(batch.tokens[i], place);
            if (batch.targets[i] == kIgnored) continue;
            ASSERT_EQ(batch.targets[i], place + 1) << "the target is the next token, no other";
            ++asked[static_cast<std::size_t>(place) + 1];
            const std::size_t before = i - static_cast<std::size_t>(batch.starts[b]);
            ASSERT_TRUE(b == 0 || before + stride >= context) << "too little is fed before it";
          }
        }
        ASSERT_EQ(asked[0], 0);
        for (std::size_t i = 1; i < n; ++i) ASSERT_EQ(asked[i], 1) << n << " " << context << " " << stride;
      }
}

}  // namespace
}  // namespace yore::tasks
