#include "yore/compiler/manifest.h"

#include <gtest/gtest.h>

#include <tuple>

#include "yore/base/error.h"
#include "yore/base/test_refusal.h"
#include "yore/compiler/compile.h"

namespace yore::compiler {
namespace {

Compiled example() {
  return compile(logic::parse_formula("P (a & !Y b) | Y<=2 c & !(a | b)", logic::Alphabet::parse("abc")), "",
                 {});
}

TEST(Manifest, ComesBackAsItWas) {
  const Compiled c = example();
  const Manifest m = manifest_of(c.plan);
  const Manifest back = manifest_from_json(base::parse_json(to_json(m).dump(), "text"), c.file, "text");
  EXPECT_EQ(to_json(back), to_json(m));
  EXPECT_EQ(back.stages, m.stages);
  EXPECT_EQ(logic::format_formula(back.formula), logic::format_formula(c.plan.formula));
}

TEST(Manifest, BrokenOnesAreRefusedByName) {
  const Compiled c = example();
  const base::Json whole = to_json(manifest_of(c.plan));
  const auto refused = [&](const char* key, const base::Json& value) {
    base::Json changed = whole;
    changed[key] = value;
    try {
      manifest_from_json(changed, c.file, "model.json");
      return false;
    } catch (const base::InputError& e) {
      EXPECT_EQ(e.source(), "model.json");
      return true;
    }
  };
  EXPECT_FALSE(refused("formula", "only for people"));
  EXPECT_TRUE(refused("version", 2));
  EXPECT_TRUE(refused("root", 1000));
  EXPECT_TRUE(refused("root", -1));
  EXPECT_TRUE(refused("length", 0));
  EXPECT_TRUE(refused("one", 0));
  EXPECT_TRUE(refused("nodes", base::Json::array({{{"op", "nor"}}})));
  EXPECT_TRUE(refused("nodes", base::Json::array({{{"op", "not"}, {"args", {0}}}})));
  EXPECT_TRUE(refused("nodes", base::Json::array({{{"op", "letter"}, {"value", 9}}})));
  EXPECT_TRUE(refused("stages", base::Json::array()));
  base::Json stages = whole["stages"];
  stages[0][0]["coordinate"] = 1000;
  EXPECT_TRUE(refused("stages", stages));
  stages = whole["stages"];
  stages[0][0]["is"] = "perhaps";
  EXPECT_TRUE(refused("stages", stages));
  stages = whole["stages"];
  stages[0][0].erase("node");
  EXPECT_TRUE(refused("stages", stages));
  const std::tuple<const char*, const char*, const char*> wrong[] = {
      {"version", R"("x")", "compiled.version: expected an integer"},
      {"nodes", R"("abc")", "compiled.nodes: expected a list"},
      {"nodes", R"([{"op": 7}])", "compiled.nodes[0].op: expected a string"},
      {"nodes", R"([{"op": "letter", "value": "a"}])", "compiled.nodes[0].value: expected an integer"},
      {"stages", "[7]", "compiled.stages[0]: expected a list"},
      {"stages", R"([[{"coordinate": "x"}]])", "compiled.stages[0][0].coordinate: expected an integer"}};
  for (const auto& [key, value, said] : wrong) {
    base::Json changed = whole;
    changed[key] = base::parse_json(value, "value");
    EXPECT_TRUE(base::refused([&] { manifest_from_json(changed, c.file, "model.json"); },
                              std::string("model.json: its manifest is broken: ") + said));
  }
  base::Json without = whole;
  without.erase("stages");
  EXPECT_THROW(manifest_from_json(without, c.file, "x"), base::InputError);
}

}  // namespace
}  // namespace yore::compiler
