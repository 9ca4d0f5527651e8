// What was read, through a file: the same to the bit, for every mechanism; files that are broken or of
// something else.
#include "yore/model/snapshot.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>

#include "yore/base/safetensors.h"
#include "yore/base/test_refusal.h"
#include "yore/base/test_scratch.h"
#include "yore/model/generate.h"
#include "yore/model/test_models.h"

namespace yore::model {
namespace {

using base::refused;
using base::Scratch;

Reading some_reading(const Model& model, std::int64_t rollback = 0) {
  Reading reading = start_reading(model, rollback);
  read(model, reading, random_tokens(7, 40, 8), 16);
  return reading;
}

TEST(Snapshot, GoesOnToTheBit) {
  const Scratch scratch;
  for (const at::ScalarType type : {at::kFloat, at::kDouble})
    for (const std::int64_t rollback : {0, 3})
      for (const arch::Model& description : decoder_descriptions(7)) {
        SCOPED_TRACE(arch::mixer_text(description));
        const Model model(description, 2, type);
        Reading reading = some_reading(model, rollback);
        write_snapshot(scratch / "s", model, reading);
        Reading later = read_snapshot(scratch / "s", model);
        EXPECT_EQ(later.tokens, reading.tokens);
        EXPECT_EQ(later.logits, reading.logits);
        EXPECT_EQ(later.rollback, rollback);
        const Generation some{30, {}, 0, {}};
        EXPECT_EQ(generate(model, later, some).tokens, generate(model, reading, some).tokens);
        EXPECT_EQ(later.logits, reading.logits);
        if (rollback > 0) later.keep(static_cast<std::int64_t>(later.tokens.size()) - 3);
      }
}

TEST(Snapshot, OfAnotherModelIsRefused) {
  const Scratch scratch;
  const std::vector<arch::Model> list = decoder_descriptions(7);
  const Model model(list[0], 2);
  write_snapshot(scratch / "s", model, some_reading(model));
  EXPECT_TRUE(refused([&] { read_snapshot(scratch / "s", Model(list[0], 3)); }, "with other weights"));
  EXPECT_TRUE(refused([&] { read_snapshot(scratch / "s", Model(list[3], 2)); }, "another model or setting"));
  arch::Model window = list[0];
  window.blocks[1].mixer.options["lookback"] = base::Json::parse("[7,7]");
  EXPECT_TRUE(refused([&] { read_snapshot(scratch / "s", Model(window, 2)); },
                      "blocks[1].mixer.options.lookback: [4,4] and [7,7]"));
  EXPECT_TRUE(
      refused([&] { read_snapshot(scratch / "s", Model(list[0], 2, at::kDouble)); }, "other weights"));
}

TEST(Snapshot, ThatIsBrokenIsRefused) {
  const Scratch scratch;
  const Model model(decoder_descriptions(7)[3], 2);
  write_snapshot(scratch / "s", model, some_reading(model));
  const std::string bytes = base::read_file(scratch / "s");
  const base::NamedArrays whole = base::read_safetensors(scratch / "s");
  const auto refused_as = [&](const base::NamedArrays& content, const std::string& part) {
    base::write_safetensors(scratch / "broken", content);
    return refused([&] { read_snapshot(scratch / "broken", model); }, part);
  };
  for (const auto& [key, unused] : whole.metadata) {
    base::NamedArrays content = whole;
    content.metadata.erase(key);
    EXPECT_TRUE(refused_as(content, "metadata lack " + key));
  }
  for (const auto& [name, unused] : whole.arrays) {
    base::NamedArrays content = whole;
    content.arrays.erase(name);
    EXPECT_TRUE(refused_as(content, "no array " + name));
    content = whole;
    content.arrays[name].shape[0] -= 1;
    content.arrays[name].bytes.resize(content.arrays[name].bytes.size() -
                                      base::dtype_size(content.arrays[name].dtype));
    EXPECT_TRUE(refused_as(content, ""));
    content = whole;
    content.arrays[name].dtype = content.arrays[name].dtype == "U8" ? "BOOL" : "U64";
    EXPECT_TRUE(refused_as(content, "is not a row of"));
  }
  base::NamedArrays content = whole;
  content.metadata["yore.state"] = "2";
  EXPECT_TRUE(refused_as(content, "format 2, expected 1"));
  for (const char* rollback : {"-1", "100000000", "x", "1x", ""}) {
    content = whole;
    content.metadata["yore.state.rollback"] = rollback;
    EXPECT_TRUE(refused_as(content, "yore.state.rollback: expected 0 to 1024"));
  }
  content = whole;
  content.metadata["yore.state.rollback"] = "2";
  EXPECT_TRUE(refused_as(content, "other"));
  content = whole;
  content.arrays["tokens"].bytes[0] = 8;
  EXPECT_TRUE(refused_as(content, "token 8 outside 0..6"));
  content = whole;
  const double nan = std::nan("");
  std::memcpy(content.arrays["logits"].bytes.data(), &nan, sizeof(nan));
  EXPECT_TRUE(refused_as(content, "a logit is not finite"));
  content = whole;
  content.arrays["more"] = content.arrays["tokens"];
  EXPECT_TRUE(refused_as(content, "5 arrays, expected 4"));
  // Any cut, and any bit that flips, is noticed.
  for (std::size_t size : {std::size_t{0}, std::size_t{8}, bytes.size() / 2, bytes.size() - 1}) {
    base::write_file(scratch / "broken", bytes.substr(0, size));
    EXPECT_TRUE(refused([&] { read_snapshot(scratch / "broken", model); }, "broken"));
  }
  base::Random random(5);
  for (int i = 0; i < 50; ++i) {
    std::string flipped = bytes;
    flipped[bytes.size() - 1 - random.below(bytes.size() / 2)] ^= static_cast<char>(1 << random.below(8));
    base::write_file(scratch / "broken", flipped);
    EXPECT_TRUE(refused([&] { read_snapshot(scratch / "broken", model); }, "broken"));
  }
}

}  // namespace
}  // namespace yore::model
