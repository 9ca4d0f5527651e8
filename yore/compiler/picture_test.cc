// The picture against the arrays: which edges there must be is counted here again, from the bytes and the
// manifest, and the legend is read back as a formula. Graphviz judges the text.
#include "yore/compiler/picture.h"

#include <gtest/gtest.h>

#include <chrono>
#include <cstdio>
#include <regex>

#include "yore/automata/convert.h"
#include "yore/base/process.h"
#include "yore/compiler/compile_language.h"
#include "yore/compiler/network_text.h"
#include "yore/compiler/picture_test_edges.h"

namespace yore::compiler {
namespace {

bool has_graphviz() {
  return base::find_program("dot").has_value();
}

/// Graphviz reads it without a word of complaint, and sees so many edges.
void expect_accepted(const std::string& dot, std::size_t visible, const std::string& what) {
  const auto drawn = base::run_process({"dot", "-Tplain"}, dot);
  EXPECT_EQ(drawn.exit_code, 0) << what;
  EXPECT_EQ(drawn.err, "") << what;
  std::size_t edges = 0, chain = 0;
  for (std::size_t at = drawn.out.find("\nedge "); at != std::string::npos;
       at = drawn.out.find("\nedge ", at + 1)) {
    ++edges;
    chain += drawn.out[at + 6] == 'c';
  }
  EXPECT_EQ(edges - chain, visible) << what;
}

TEST(Picture, EdgesAreExactlyTheWeights) {
  std::size_t total = 0;
  for (const Drawn& model : small_models()) {
    const Edges expected = Recount(model).run();
    EXPECT_EQ(edges_of(dot_of(model.manifest, model.file)), expected) << model.name;
    total += expected.size();
  }
  EXPECT_GT(total, 800u);
}

TEST(Picture, EdgesAreExactlyTheWeightsWhateverTheyAre) {
  base::Random random(5);
  int unclaimed = 0, idle = 0;
  for (Drawn& model : small_models())
    for (const int changes : {1, 3, 30}) {
      Drawn mutant = model;
      change_weights(mutant.file, random, changes);
      const std::string dot = dot_of(mutant.manifest, mutant.file);
      EXPECT_EQ(edges_of(dot), Recount(mutant).run()) << model.name << ", " << changes << " changes";
      if (changes == 30 && has_graphviz()) expect_accepted(dot, edges_of(dot).size(), model.name);
      unclaimed += dot.find("not in the manifest") != std::string::npos;
      idle += dot.find("writes nowhere") != std::string::npos;
    }
  EXPECT_GT(unclaimed, 10);
  EXPECT_GT(idle, 1);
}

TEST(Picture, ShowsEveryClaimAndEveryHead) {
  for (const Drawn& model : small_models()) {
    const Network network = network_of(model.manifest, model.file);
    const std::string dot = dot_of(network);
    for (std::size_t stage = 0; stage < model.manifest.stages.size(); ++stage)
      for (const Claim& claim : model.manifest.stages[stage]) {
        const std::string id = fmt::format("\n    s{}_x{} [", stage, claim.coordinate);
        const std::size_t at = dot.find(id);
        ASSERT_NE(at, std::string::npos) << model.name << id;
        const std::string line = dot.substr(at + 1, dot.find('\n', at + 1) - at);
        EXPECT_NE(line.find(fmt::format(">x{}<", claim.coordinate)), std::string::npos) << line;
        if (claim.kind != Claim::Kind::Truth) continue;
        const std::string& name = network.names[static_cast<std::size_t>(claim.node)];
        ASSERT_FALSE(name.empty());
        if (name.find('&') == std::string::npos && name.find('<') == std::string::npos) {
          EXPECT_NE(line.find(fmt::format("<B>{}</B>", name)), std::string::npos) << name << "\n" << line;
        }
      }
    for (const HeadView& head : network.heads) {
      const arch::Block& block = model.file.model.blocks[static_cast<std::size_t>(head.block)];
      const int lookback =
          block.mixer.options.at("lookback")[static_cast<std::size_t>(head.number - 1)].get<int>();
      const std::string text = fmt::format("<B>head {}</B> <FONT COLOR=\"#56606b\">{}", head.number,
                                           lookback < 0 ? "global, " : fmt::format("lookback {}", lookback));
      EXPECT_NE(dot.find(text), std::string::npos) << text;
    }
  }
}

/// The legend's definitions, put together again, say the language of the formula.
void expect_legend(const Drawn& model) {
  const Network network = network_of(model.manifest, model.file);
  std::vector<Name> names = names_of(network);
  std::sort(names.begin(), names.end(), [](const Name& a, const Name& b) { return a.node < b.node; });
  const Formula& formula = model.manifest.formula;
  const std::string dot = dot_of(network);
  std::string lets;
  for (const Name& name : names)
    if (name.shortened) {
      lets += fmt::format("let {} = {} in ", name.name, name.definition);
      EXPECT_NE(dot.find(fmt::format("BALIGN=\"LEFT\">{} = ", name.name)), std::string::npos) << name.name;
    }
  for (const Name& name : names) {
    Formula part = formula, read = logic::parse_formula(lets + name.name, formula.alphabet);
    part.root = name.node;
    EXPECT_FALSE(automata::difference(automata::dfa_from_formula(part), automata::dfa_from_formula(read)))
        << model.name << ": " << name.name;
  }
}

TEST(Picture, TheLegendReadBackIsTheFormula) {
  for (const Drawn& model : small_models()) expect_legend(model);
  expect_legend(
      drawn("P (f1 & Y f & Y Y f1) & Y (f2 | f & Y f1)", "f,f1,f2", Encoding::ZeroOne, Once::Sharp));
}

/// "from -> to weight", line by line, of the visible edges.
std::string edge_list(const std::string& dot) {
  static const std::regex line(R"re(\n  (\S+ -> \S+) \[comment="([^"]*)")re");
  std::string list;
  for (auto it = std::sregex_iterator(dot.begin(), dot.end(), line); it != std::sregex_iterator(); ++it)
    list += fmt::format("\n{} {}", (*it)[1].str(), (*it)[2].str());
  return list;
}

// By hand, with x0 .. x4 for b, a, Y b, Y true, Y a: f1 is "a after a, or b after b or at the start", the
// first gate the one and the second the other; f2 = P f1; f3 = !f2 & (Y b | first), as Y b - Y true >= 2 f2.
TEST(Picture, OfAlternationIsThis) {
  const Drawn model = drawn(kAlternation, "ab", Encoding::ZeroOne, Once::Sharp);
  const std::string dot = dot_of(model.manifest, model.file);
  EXPECT_EQ(edge_list(dot), R"(
s0_x0:e -> b1_h1:v0:w 1
s0_x1:e -> b1_h1:v2:w 1
b1_h1:v0:e -> s1_x2:w 1
b1_h1:v1:e -> s1_x3:w 1
b1_h1:v2:e -> s1_x4:w 1
s0_x0:e -> s2_x0:p0:w 1
s0_x1:e -> s2_x0:p1t0:w 1
s1_x4:e -> s2_x0:p1t1:w 1
s0_x0:e -> s2_x0:p2t0:w 2
s1_x2:e -> s2_x0:p2t1:w 1
s1_x3:e -> s2_x0:p2t2:w -1
s0_x1:e -> s2_x1:p0:w 1
s2_x0:e -> b2_h1:k:w 40
s2_x0:e -> b2_h1:v0:w 1
b2_h1:v0:e -> s3_x1:w 1
s2_x0:e -> s4_x0:p0:w 1
s3_x1:e -> s4_x0:p1t0:w -2
s1_x2:e -> s4_x0:p1t1:w 1
s1_x3:e -> s4_x0:p1t2:w -1
s4_x0:e -> read_out:t0:w 8)");
  // What a reader sees: the markup taken away, the nodes one a line.
  std::string seen;
  static const std::regex tags("<[^>]*>"), node("\n    (\\w+) \\[label=<(.*)>\\];");
  for (auto it = std::sregex_iterator(dot.begin(), dot.end(), node); it != std::sregex_iterator(); ++it) {
    const std::string text = std::regex_replace((*it)[2].str(), std::regex("</TD>|<BR/>"), " ");
    seen += fmt::format("\n{}: {}", (*it)[1].str(), std::regex_replace(text, tags, ""));
    while (seen.ends_with(' ')) seen.pop_back();
  }
  EXPECT_EQ(seen, R"(
s0_x0: x0 b true at b
s0_x1: x1 a true at a
b1_h1: head 1 lookback 1 takes b takes 1 (if there is a position) takes a
s1_x2: x2 Y b
s1_x3: x3 Y true
s1_x4: x4 Y a
s2_x0: x0 f1 forgets its old value 1 &times; a 1 &times; Y a +1 where sum &ge; 2 2 &times; b 1 &times; Y b -1 &times; Y true +1 where sum &ge; 2
s2_x1: x1 cleared forgets its old value
b2_h1: head 1 global, sharp looks where f1 is true takes f1
s3_x1: x1 f2
s4_x0: x0 f3 forgets its old value -2 &times; f2 1 &times; Y b -1 &times; Y true sum &ge; 0
read_out: logit at EOS, the word's end 8 &times; f3 -4 in any case accepts where x0 (f3) is true)");
}

/// From each place that stands in the embedding, how many weights of a layer of delta steps read it: counted
/// in the arrays.
std::map<std::string, int> weights_of_steps(const arch::ModelFile& file) {
  std::map<std::string, int> weights;
  const std::string prefix = "layers.0." + file.model.blocks[0].mixer.name + ".";
  for (const char* name : {"qkv.weight", "beta.weight"}) {
    const auto array = file.weights.arrays.find(prefix + name);
    if (array == file.weights.arrays.end()) continue;
    const std::size_t columns = static_cast<std::size_t>(array->second.shape[1]);
    std::vector<float> values(array->second.bytes.size() / sizeof(float));
    std::memcpy(values.data(), array->second.bytes.data(), array->second.bytes.size());
    for (std::size_t i = 0; i < values.size(); ++i)
      if (values[i] != 0) ++weights[fmt::format("s0_x{}", i % columns)];
  }
  return weights;
}

TEST(Picture, DeltaStepsAreJoinedToWhatTheyRead) {
  for (const char* mixer : {"delta_net", "gated_delta_net", "kda"})
    for (const char* language : {"(b*ab*a)*b*", "(aa|ab|ba)*", "a*", "(a|b)*a(a|b)(a|b)"}) {
      CompileOptions options;
      options.mixer = mixer;
      const logic::Alphabet ab = logic::Alphabet::parse("ab");
      const Compiled c = compile_automaton(
          automata::minimise(automata::dfa_from_regex(logic::parse_regex(language, ab))), language, options);
      const std::string dot = dot_of(manifest_from_json(c.file.compiled, c.file, "test"), c.file);
      const std::map<std::string, int> weights = weights_of_steps(c.file);
      EXPECT_FALSE(weights.empty());
      Edges expected = {{"b1_h1", fmt::format("s1_x{}", c.plan.one + 1), 1},
                        {fmt::format("s1_x{}", c.plan.one + 1), "read_out", 1}};
      for (const auto& [place, count] : weights) {
        expected.emplace(place, "b1_h1", 1);
        EXPECT_NE(dot.find(fmt::format("[comment=\"{}\"", count)), std::string::npos) << place << "\n" << dot;
      }
      EXPECT_EQ(edges_of(dot), expected) << mixer << " " << language << "\n" << dot;
      if (has_graphviz()) expect_accepted(dot, edges_of(dot).size(), language);
    }
}

TEST(Picture, InWordsToo) {
  const Drawn model = drawn(kAlternation, "ab", Encoding::ZeroOne, Once::Uniform);
  const std::string text = to_text(network_of(model.manifest, model.file));
  for (const char* part : {"Block 1: attention\n  head 1 (lookback 1)\n", "takes 1\n",
                           "[a + Y a >= 2] + [2 b + Y b - Y true >= 2], forgets what stood there\n",
                           "head 1 (global, looks everywhere alike)\n", "mean of f1", "accepts where x"})
    EXPECT_NE(text.find(part), std::string::npos) << part << "\n" << text;
}

class WithGraphviz : public testing::Test {
 protected:
  void SetUp() override {
    if (!has_graphviz()) GTEST_SKIP() << "graphviz's dot is not on PATH";
  }
};

TEST_F(WithGraphviz, ReadsEveryPicture) {
  for (const Drawn& model : small_models()) {
    const std::string dot = dot_of(model.manifest, model.file);
    expect_accepted(dot, edges_of(dot).size(), model.name);
  }
}

TEST_F(WithGraphviz, ShowsNamesThatAreMarkupAsTheyAre) {
  const Drawn model = drawn(R"(P ('<' & Y '&') & Y ('"' | P '>') & P ('&lt;' & Y '\\N'))",
                            "<,&,\",>,&lt;,\\N", Encoding::ZeroOne, Once::Sharp);
  const std::string dot = dot_of(model.manifest, model.file);
  const auto svg = base::run_process({"dot", "-Tsvg"}, dot);
  EXPECT_EQ(svg.exit_code, 0) << svg.err;
  EXPECT_EQ(svg.err, "");
  for (const char* shown : {">true at &lt;<", ">true at &amp;<", ">true at &quot;<", ">true at &gt;<",
                            ">true at &amp;lt;<", ">true at \\N<"})
    EXPECT_NE(svg.out.find(shown), std::string::npos) << shown;
}

TEST_F(WithGraphviz, DrawsALargeModelInGoodTime) {
  const auto [model, states] = large_model(7, 30);
  EXPECT_GE(states, 30);
  EXPECT_EQ(edges_of(dot_of(model.manifest, model.file)), Recount(model).run());
  expect_legend(model);
  const auto start = std::chrono::steady_clock::now();
  const std::string dot = dot_of(model.manifest, model.file);
  const auto svg = base::run_process({"dot", "-Tsvg"}, dot);
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  EXPECT_EQ(svg.exit_code, 0) << svg.err;
  std::printf("%d states, %zu coordinates' uses, %zu blocks: %.2f s\n", states,
              network_of(model.manifest, model.file).places.size(), model.file.model.blocks.size(), seconds);
  EXPECT_GT(network_of(model.manifest, model.file).places.size(), 60u);
  EXPECT_LT(seconds, 60);
}

}  // namespace
}  // namespace yore::compiler
