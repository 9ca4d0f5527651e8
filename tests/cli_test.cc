// The theory commands end to end: output shapes, exit codes, round trips through the printed forms.
#include <gtest/gtest.h>

#include <chrono>
#include <set>

#include "tests/program.h"

namespace yore::tests {
namespace {

base::Json json_of(const base::ProcessResult& result) {
  return base::parse_json(result.out, "output");
}

std::vector<std::string> keys(const base::Json& object) {
  std::vector<std::string> names;
  for (const auto& [key, unused] : object.items()) names.push_back(key);
  return names;
}

TEST(Classify, JsonHasExactlyTheDocumentedShape) {
  const auto result = yore({"classify", "(ab)*", "--json"});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  const base::Json json = json_of(result);
  EXPECT_EQ(keys(json), (std::vector<std::string>{"alphabet", "dfa", "sufficient", "classes", "cheapest",
                                                  "mixers", "groups", "tier"}));
  EXPECT_EQ(json["alphabet"], base::Json({"a", "b"}));
  EXPECT_EQ(json["dfa"], base::Json({{"states", 3}}));
  EXPECT_EQ(json["sufficient"], base::Json::array({"hybrid"}));
  EXPECT_EQ(keys(json["classes"]), (std::vector<std::string>{"global", "local", "hybrid", "star_free"}));
  const std::vector<std::string> plain = {"member", "logic", "formula", "witness"};
  for (const char* name : {"global", "hybrid", "star_free"})
    EXPECT_EQ(keys(json["classes"][name]), plain) << name;
  EXPECT_EQ(keys(json["classes"]["local"]),
            (std::vector<std::string>{"member", "logic", "formula", "witness", "lookback"}));
  EXPECT_EQ(json["classes"]["local"]["lookback"], 1);
  EXPECT_EQ(json["classes"]["global"]["member"], false);
  EXPECT_EQ(json["classes"]["global"]["logic"], "LTL[P]");
  EXPECT_TRUE(json["classes"]["global"]["formula"].is_null());
  EXPECT_TRUE(json["classes"]["global"]["witness"].is_object());
  EXPECT_EQ(json["classes"]["hybrid"]["member"], true);
  EXPECT_TRUE(json["classes"]["hybrid"]["formula"].is_string());
  EXPECT_TRUE(json["classes"]["hybrid"]["witness"].is_null());
}

TEST(Classify, AnswersOneQuestionByExitCode) {
  EXPECT_EQ(yore({"classify", "(ab)*", "--is", "hybrid"}).exit_code, 0);
  EXPECT_TRUE(yore({"classify", "(ab)*", "--is", "hybrid"}).out.ends_with("\n\nhybrid: yes\n"));
  EXPECT_TRUE(yore({"classify", "(ab)*", "--is", "global"}).out.ends_with("\n\nglobal: no\n"));
  const auto open = yore({"classify", "(a|b)*a(a|b){6}(aab|bba)*", "--is", "star_free", "--max-monoid", "2"});
  EXPECT_EQ(open.exit_code, 1);
  EXPECT_TRUE(open.out.ends_with("\n\nstar_free: unknown\n")) << open.out;
  EXPECT_EQ(yore({"classify", "(ab)*", "--is", "global"}).exit_code, 1);
  EXPECT_EQ(yore({"classify", "(aa)*", "--is", "star_free"}).exit_code, 1);
  EXPECT_EQ(yore({"classify", "(ab)*", "--is", "nonsense"}).exit_code, 2);
}

TEST(Classify, SaysWhichMixersSuffice) {
  const base::Json parity = json_of(yore({"classify", "(aa)*", "--alphabet", "a", "--json"}));
  EXPECT_EQ(keys(parity["mixers"]),
            (std::vector<std::string>{"gated_diagonal", "time_invariant", "positive_eigenvalue_delta",
                                      "signed_diagonal", "delta_products"}));
  EXPECT_EQ(parity["mixers"]["gated_diagonal"]["member"], false);
  EXPECT_EQ(parity["mixers"]["gated_diagonal"]["witness"]["period"], 2);
  EXPECT_EQ(parity["mixers"]["delta_products"]["member"], true);
  EXPECT_EQ(parity["groups"][0]["name"], "Z2");
  for (const base::Json& choice : parity["cheapest"])
    EXPECT_EQ(choice["options"]["negative_eigenvalues"], true);
  EXPECT_EQ(yore({"classify", "(ab)*", "--is", "gated_diagonal"}).exit_code, 0);
  EXPECT_EQ(yore({"classify", "(ab)*", "--is", "time_invariant"}).exit_code, 1);
  EXPECT_EQ(yore({"classify", "(aa)*", "--is", "gated_diagonal"}).exit_code, 1);
  EXPECT_EQ(yore({"classify", "(aa)*", "--is", "signed_diagonal"}).exit_code, 0);
}

TEST(Classify, WithPositionsKeepsTheShapeAndItsFormulasAreLanguages) {
  EXPECT_EQ(yore({"classify", "(aa)*", "--alphabet", "a", "--period", "2", "--is", "global"}).exit_code, 0);
  const base::Json json =
      json_of(yore({"classify", "(aa)*", "--alphabet", "a", "--period", "any", "--json"}));
  EXPECT_EQ(json["period"]["modulo"], 2);
  EXPECT_EQ(json["period"]["least"]["global"], 2);
  EXPECT_EQ(json["classes"]["global"]["formula"], "pos=0/2");
  EXPECT_EQ(yore({"equivalent", "(aa)*", "ltl:pos=0/2", "--alphabet", "a"}).exit_code, 0);
  EXPECT_EQ(yore({"convert", "ltl:pos=0/2", "--alphabet", "a", "--to", "regex"}).out, "(aa)*\n");
}

TEST(Classify, SufficientListsTheWeakest) {
  const auto sufficient = [](const std::string& regex) {
    return json_of(yore({"classify", regex, "--alphabet", "ab", "--json"}))["sufficient"];
  };
  EXPECT_EQ(sufficient("a*"), base::Json::array({"global"}));
  EXPECT_EQ(sufficient(".*a"), base::Json::array({"local"}));
  EXPECT_EQ(sufficient("ab"), base::Json::array({"global", "local"}));
  EXPECT_EQ(sufficient("(aa)*"), base::Json::array());
}

// A witness's two strings must differ in membership: the recipe is checked by another route, equivalence with
// itself.
TEST(Classify, WitnessStringsAreOnDifferentSides) {
  const base::Json witness = json_of(yore({"classify", "(ab)*", "--json"}))["classes"]["global"]["witness"];
  const std::string a = witness["strings"]["a"], b = witness["strings"]["b"];
  const auto in_language = [](const std::string& w) {
    if (w.size() % 2 != 0) return false;
    for (std::size_t i = 0; i < w.size(); ++i)
      if (w[i] != "ab"[i % 2]) return false;
    return true;
  };
  EXPECT_NE(in_language(a), in_language(b)) << a << " " << b;
  EXPECT_EQ(in_language(a), witness["accepted"] == "a");
}

TEST(Classify, FormulasMeanTheLanguage) {
  for (const std::string regex : {"(ab)*", "a*b*", ".*a", "(a(ab)*b)*", "a(b|ab)*", ".*aa.*"}) {
    const base::Json classes = json_of(yore({"classify", regex, "--alphabet", "ab", "--json"}))["classes"];
    for (const auto& [name, verdict] : classes.items()) {
      if (verdict["member"] != true) continue;
      ASSERT_TRUE(verdict["formula"].is_string()) << regex << " " << name;
      const auto same =
          yore({"equivalent", regex, "ltl:" + verdict["formula"].get<std::string>(), "--alphabet", "ab"});
      EXPECT_EQ(same.exit_code, 0) << regex << " " << name << " " << same.out << same.err;
    }
  }
}

TEST(Classify, IsFastAsAProcessAndLoadsNoTorch) {
  std::vector<double> times;
  for (int i = 0; i < 9; ++i) {
    const auto start = std::chrono::steady_clock::now();
    ASSERT_EQ(yore({"classify", "(ab)*"}).exit_code, 0);
    times.push_back(
        std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count());
  }
  std::sort(times.begin(), times.end());
  RecordProperty("median_ms", std::to_string(times[4]));
  std::printf("classify (ab)*: median %.1f ms as a process\n", times[4]);
#ifdef NDEBUG
  EXPECT_LT(times[4], 50.0);
#endif
  const auto libraries = base::run_process({"/usr/bin/ldd", YORE_PROGRAM});
  EXPECT_EQ(libraries.out.find("torch"), std::string::npos);
}

TEST(Languages, ListShowAndJsonAgree) {
  const base::Json all = json_of(yore({"languages", "--json"}));
  EXPECT_GE(all.size(), 24u);
  std::set<std::string> names;
  for (const base::Json& entry : all) {
    names.insert(entry["name"].get<std::string>());
    for (const char* key : {"definition", "source", "class", "spec"})
      EXPECT_FALSE(entry[key].get<std::string>().empty());
  }
  EXPECT_EQ(names.size(), all.size());
  EXPECT_EQ(json_of(yore({"languages", "dyck-2", "--json"}))["states"], 4);
  EXPECT_EQ(yore({"languages", "dick-2"}).exit_code, 2);
  EXPECT_NE(yore({"languages", "dick-2"}).err.find("dyck-2"), std::string::npos);
}

TEST(Equivalent, AnswersWithAShortestDifference) {
  EXPECT_EQ(yore({"equivalent", "(ab)*", "()|a(ba)*b"}).exit_code, 0);
  const auto differ = yore({"equivalent", "(ab)*", "(ab)+", "--json"});
  EXPECT_EQ(differ.exit_code, 1);
  const base::Json json = json_of(differ);
  EXPECT_EQ(json["equivalent"], false);
  EXPECT_EQ(json["counterexample"]["word"], "");
  EXPECT_EQ(json["counterexample"]["in_first"], true);
  // The letters of both sides: `.` on the left must mean a or b.
  EXPECT_EQ(yore({"equivalent", "a.", "aa|ab"}).exit_code, 0);
  EXPECT_EQ(yore({"equivalent", "(ab)*", "name:no-such"}).exit_code, 2);
}

TEST(Convert, EveryFormReadsBackAsTheSameLanguage) {
  const Scratch scratch;
  for (const std::string regex : {"(ab)*", ".*aa.*", "a(b|ab)*", "[]", "()", "(a(ab)*b)*"}) {
    for (const std::string form : {"json", "att", "att-acceptor"}) {
      const std::string file = scratch / (form == "json" ? "M.JSON" : "M.ATT");
      ASSERT_EQ(yore({"convert", regex, "--alphabet", "ab", "--to", form, "-o", file, "--force"}).exit_code,
                0)
          << regex << form;
      const auto same = yore({"equivalent", "regex:" + regex, "dfa:" + file, "--alphabet", "ab"});
      EXPECT_EQ(same.exit_code, 0) << regex << " " << form << " " << same.out << same.err;
    }
    for (const auto& [form, prefix] : {std::pair{"regex", "regex:"}, std::pair{"formula", "ltl:"}}) {
      std::string text = yore({"convert", regex, "--alphabet", "ab", "--to", form}).out;
      ASSERT_FALSE(text.empty()) << regex << form;
      text.pop_back();
      const auto same = yore({"equivalent", regex, prefix + text, "--alphabet", "ab"});
      EXPECT_EQ(same.exit_code, 0) << regex << " " << text << " " << same.out << same.err;
    }
    EXPECT_NE(yore({"convert", regex, "--alphabet", "ab", "--to", "dot"}).out.find("digraph"),
              std::string::npos);
  }
  EXPECT_EQ(yore({"convert", "(aa)*", "--to", "formula"}).exit_code, 1);
}

TEST(Convert, AttHasBothColumnsUnlessOneIsAskedFor) {
  EXPECT_EQ(yore({"convert", "a*", "--alphabet", "a", "--to", "att"}).out, "0\t0\ta\ta\n0\n");
  EXPECT_EQ(yore({"convert", "a*", "--alphabet", "a", "--to", "att-acceptor"}).out, "0\t0\ta\n0\n");
}

TEST(Classify, AFolderIsATableAndABrokenFileALine) {
  const Scratch scratch;
  ASSERT_EQ(yore({"convert", "(ab)*", "--to", "att", "-o", scratch / "a.att"}).exit_code, 0);
  const auto good = yore({"classify", "--dfa-folder", scratch.path(), "--csv", "--jobs", "2"});
  EXPECT_EQ(good.exit_code, 0) << good.err;
  EXPECT_TRUE(
      good.out.starts_with("file,states,letters,global,local,hybrid,star_free,seconds,error,gated_diagonal,"
                           "time_invariant,positive_eigenvalue_delta,"
                           "signed_diagonal,delta_products,cheapest,tier\na.att,3,2,no,no,yes,yes,0."))
      << good.out;
  base::write_file(scratch / "b.att", "0 1 a b\n");
  const auto bad = yore({"classify", "--dfa-folder", scratch.path(), "--csv", "--formula"});
  EXPECT_EQ(bad.exit_code, 2);
  EXPECT_NE(bad.out.find(",error,formula,gated_diagonal,"), std::string::npos) << bad.out;
  EXPECT_NE(bad.out.find("\nb.att,,,,,,,,\"line 1: the input"), std::string::npos) << bad.out;
  const auto lines = yore({"classify", "--dfa-folder", scratch.path(), "--json"});
  const base::Json first = base::Json::parse(lines.out.substr(0, lines.out.find('\n')));
  EXPECT_EQ(first["file"], "a.att");
  EXPECT_EQ(first["classes"]["hybrid"]["member"], true);
  for (const std::vector<std::string>& arguments : std::vector<std::vector<std::string>>{
           {"classify", "a", "--csv"},
           {"classify", "a", "--jobs", "2"},
           {"classify", "a", "--dfa-folder", scratch.path(), "--csv"},
           {"classify", "--dfa-folder", scratch.path()},
           {"classify", "--dfa-folder", scratch.path(), "--csv", "--json"},
           {"classify", "--dfa-folder", scratch.path(), "--csv", "--is", "local"},
           {"classify", "--dfa-folder", scratch / "none", "--csv"}}) {
    const auto refused = yore(arguments);
    EXPECT_EQ(refused.exit_code, 2) << refused.out;
    EXPECT_EQ(refused.out, "");
    EXPECT_NE(refused.err, "");
  }
}

TEST(Classify, AFileWithoutEndIsRefusedAtOnce) {
  const auto result = yore({"classify", "dfa:/dev/zero"});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_NE(result.err.find("/dev/zero: is a device"), std::string::npos) << result.err;
}

TEST(Convert, SymbolsOfSeveralCharacters) {
  const auto json = yore({"convert", "('open' 'close')*", "--alphabet", "open,close,other", "--to", "json"});
  // Blanks are letters: without them in the alphabet the pattern is refused with a position.
  EXPECT_EQ(json.exit_code, 2);
  EXPECT_NE(json.err.find('^'), std::string::npos) << json.err;
  const auto good = yore({"convert", "('open''close')*", "--alphabet", "open,close,other", "--to", "json"});
  ASSERT_EQ(good.exit_code, 0) << good.err;
  EXPECT_EQ(json_of(good)["alphabet"], base::Json({"open", "close", "other"}));
  EXPECT_EQ(json_of(good)["states"], 3);
}

TEST(Sample, WordsAreLabelledRightAndReproducible) {
  const std::vector<std::string> command = {"sample", "(ab)*",  "--count", "40", "--max-length",
                                            "12",     "--json", "--seed",  "7"};
  const auto first = yore(command), second = yore(command);
  ASSERT_EQ(first.exit_code, 0) << first.err;
  EXPECT_EQ(first.out, second.out);
  int lines = 0, accepted = 0;
  std::istringstream in(first.out);
  for (std::string line; std::getline(in, line); ++lines) {
    const base::Json record = base::parse_json(line, "line");
    bool truth = record["word"].size() % 2 == 0;
    for (std::size_t i = 0; i < record["word"].size(); ++i)
      truth &= record["word"][i] == (i % 2 == 0 ? "a" : "b");
    EXPECT_EQ(record["label"], truth) << line;
    accepted += truth;
  }
  EXPECT_EQ(lines, 40);
  EXPECT_EQ(accepted, 20);
}

TEST(Help, EveryCommandShowsOptionsAndExamples) {
  const std::string overview = yore({"--help"}).out;
  for (const std::string name :
       {"classify", "languages", "equivalent", "convert", "sample", "compile", "verify", "run", "extract",
        "picture", "train", "evaluate", "study", "export", "import", "completion"}) {
    EXPECT_NE(overview.find("  " + name), std::string::npos) << name;
    const auto help = yore({name, "--help"});
    EXPECT_EQ(help.exit_code, 0) << name;
    EXPECT_NE(help.out.find("Examples:"), std::string::npos) << name;
    EXPECT_EQ(yore({"help", name}).out, help.out) << name;
  }
}

TEST(Completion, ScriptLoadsAndCompletes) {
  const Scratch scratch;
  const auto result = shell(
      "source <(yore completion bash) && COMP_WORDS=(yore cla) COMP_CWORD=1 && _yore && echo ${COMPREPLY[@]} "
      "&& "
      "COMP_WORDS=(yore study --learn) COMP_CWORD=2 && _yore && echo ${COMPREPLY[@]} && "
      "COMP_WORDS=(yore extract --exh) COMP_CWORD=2 && _yore && echo ${COMPREPLY[@]}",
      scratch.path());
  // A build without the tensor half does not offer what it cannot run.
  EXPECT_EQ(result.out,
            std::string("classify\n--learning-rate\n") + (YORE_HAS_TENSOR ? "--exhaustive-words\n" : "\n"))
      << result.err;
}

// What may follow an option is what its parser takes, command by command.
TEST(Completion, OffersTheWordsThatAnOptionTakes) {
  const Scratch scratch;
  const auto offered = [&](const std::string& words) {
    return shell("source <(yore completion bash) && COMP_WORDS=(yore " + words +
                     " '') && COMP_CWORD=$((${#COMP_WORDS[@]} - 1)) && _yore && echo ${COMPREPLY[@]}",
                 scratch.path())
        .out;
  };
  EXPECT_EQ(offered("picture --to"), "dot html text\n");
  EXPECT_EQ(offered("export --to"), "onnx safetensors hf\n");
  EXPECT_EQ(offered("convert a --to"), "regex formula json att att-acceptor dot\n");
  EXPECT_EQ(offered("sample a --only"), "positive negative\n");
  EXPECT_EQ(offered("classify a --is"),
            "global local hybrid star_free gated_diagonal time_invariant positive_eigenvalue_delta "
            "signed_diagonal delta_products\n");
  EXPECT_EQ(offered("compile a --mixer"), "auto attention gla mamba2 delta_net gated_delta_net kda\n");
  EXPECT_NE(offered("mixers").find("attention linear_attention retention"), std::string::npos);
  EXPECT_NE(offered("plan --task").find("formal group_words copy"), std::string::npos);
  EXPECT_EQ(offered("compile --once"), "sharp uniform\n");
  EXPECT_EQ(offered("completion"), "bash\n");
}

}  // namespace
}  // namespace yore::tests
