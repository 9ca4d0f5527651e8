#include "yore/expressivity/folder.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "yore/automata/convert.h"
#include "yore/automata/formats.h"
#include "yore/base/error.h"
#include "yore/base/files.h"
#include "yore/base/test_scratch.h"

namespace yore::expressivity {
namespace {

using base::Json;
using logic::Alphabet;

class Folder : public testing::Test {
 protected:
  void write(const std::string& name, const std::string& text) const {
    base::write_file(scratch_ / name, text);
  }
  static Dfa of(const char* pattern) {
    return automata::dfa_from_regex(logic::parse_regex(pattern, Alphabet::parse("ab")));
  }
  std::vector<FolderRow> rows(FolderOptions options = {}) const {
    std::vector<FolderRow> all;
    classify_folder(scratch_.path(), options, [&](const FolderRow& row) { all.push_back(row); });
    return all;
  }
  base::Scratch scratch_;
};

// The verdicts as docs/theory.md lists them.
TEST_F(Folder, EveryFileHasARowInTheOrderOfTheNames) {
  write("b.json", automata::json_from_dfa(of("(ab)*")));
  write("a.ATT", automata::att_from_dfa(of("a*b*")));
  write("d.txt", automata::att_from_dfa(of("(aa)*|b(aa)*")));
  write("c.fsm", automata::att_from_dfa(of(".*a")));
  write("B.Json", automata::json_from_dfa(of("(a(ab)*b)*")));
  write("notes.md", "not an automaton");
  write("sub/e.att", "not an automaton");
  write(".hidden.att", "not an automaton");
  for (const int jobs : {1, 2, 7}) {
    FolderOptions options;
    options.jobs = jobs;
    std::string table = csv_header(false);
    for (FolderRow row : rows(options)) {
      EXPECT_GE(row.seconds, 0);
      row.seconds = 0.5;
      table += csv_line(row, false);
    }
    EXPECT_EQ(table,
              "file,states,letters,global,local,hybrid,star_free,seconds,error,gated_diagonal,time_invariant,"
              "positive_eigenvalue_delta,signed_diagonal,delta_products,cheapest,tier\n"
              "B.Json,4,2,no,no,no,yes,0.500,,yes,unknown,yes,yes,yes,gla,\n"
              "a.ATT,3,2,yes,no,yes,yes,0.500,,yes,unknown,yes,yes,yes,gla,\n"
              "b.json,3,2,no,no,yes,yes,0.500,,yes,unknown,yes,yes,yes,gla,\n"
              "c.fsm,2,2,no,yes,yes,yes,0.500,,yes,unknown,yes,yes,yes,short_conv,\n"
              "d.txt,4,2,no,no,no,no,0.500,,no,no,no,yes,yes,delta_net negative_eigenvalues=true,\n");
  }
}

TEST_F(Folder, ABrokenFileFailsAlone) {
  write("a.att", "0 1 a b\n");
  write("b, \"b\".att", "0 1 a\n1 \"0\" b\n");
  write("c.json", "{\"alphabet\": [");
  write("d.att", "0 0 a\n0\n");
  ASSERT_EQ(::mkfifo((scratch_ / "e.att").c_str(), 0600), 0);
  std::filesystem::create_symlink("nowhere", scratch_ / "f.att");
  write("g.att", "0 0 a\n0 0 b\n0 1 a\n1 2 a\n1 2 b\n2 3 a\n2 3 b\n3\n");
  FolderOptions options;
  options.max_states = 4;
  const std::vector<FolderRow> all = rows(options);
  ASSERT_EQ(all.size(), 7u);
  const auto starts = [&](std::size_t i, const std::string& with) {
    EXPECT_TRUE(all[i].error.starts_with(with)) << all[i].file << ": " << all[i].error;
    EXPECT_EQ(all[i].error.find('\n'), std::string::npos);
  };
  starts(0, "line 1: the input is \"a\", the output \"b\"");
  starts(1, "line 2: expected a state");
  EXPECT_TRUE(csv_line(all[1], false)
                  .starts_with("\"b, \"\"b\"\".att\",,,,,,,,\"line 2: expected a state (a number from 0), "
                               "got \"\"\"\"0\"\"\"\"\""))
      << csv_line(all[1], false);
  starts(2, "not valid JSON");
  EXPECT_EQ(all[3].error, "");
  EXPECT_EQ(all[3].members[0], Answer::Yes);
  EXPECT_EQ(all[4].error, "is no regular file");
  starts(5, "cannot open");
  EXPECT_NE(all[6].error.find("max-states"), std::string::npos) << all[6].error;
  const Json json = Json::parse(json_line(all[0]));
  EXPECT_EQ(json["file"], "a.att");
  EXPECT_EQ(json.size(), 2u);
}

TEST_F(Folder, FormulasAndDetailsOnlyIfAskedFor) {
  write("a.att", automata::att_from_dfa(of("(ab)*")));
  EXPECT_EQ(rows()[0].formula, "");
  EXPECT_TRUE(rows()[0].details.is_null());
  FolderOptions options;
  options.details = true;
  options.classify = {};
  const FolderRow row = rows(options)[0];
  const Classification expected = classify(of("(ab)*"));
  EXPECT_EQ(row.details, to_json(expected));
  const auto formula = logic::parse_formula(row.formula, Alphabet::parse("ab"));
  EXPECT_EQ(automata::dfa_from_formula(formula), of("(ab)*"));
  const Json json = Json::parse(json_line(row));
  EXPECT_EQ(json["error"], nullptr);
  EXPECT_EQ(json["classes"], to_json(expected)["classes"]);
  EXPECT_TRUE(csv_header(true).find(",error,formula,") != std::string::npos);
  EXPECT_TRUE(csv_line(row, true).find(",," + row.formula + ",") != std::string::npos) << csv_line(row, true);
}

TEST_F(Folder, OneAlphabetForAll) {
  write("a.att", "0 0 a\n0\n");
  write("b.json", automata::json_from_dfa(of("a*")));
  write("c.json", R"({"alphabet":["a"],"states":1,"start":0,"accept":[0],"transitions":[[0]]})");
  FolderOptions options;
  options.alphabet = Alphabet::parse("ba");
  const std::vector<FolderRow> all = rows(options);
  EXPECT_EQ(all[0].states, 2);
  EXPECT_EQ(all[0].letters, 2);
  EXPECT_EQ(all[1].error, "");
  EXPECT_EQ(all[2].error, "is over the alphabet a, expected ba");
}

TEST_F(Folder, WithoutAutomataIsRefused) {
  write("notes.md", "");
  EXPECT_THROW((void)rows(), base::InputError);
  EXPECT_THROW((void)automaton_files(scratch_ / "none"), base::InputError);
}

}  // namespace
}  // namespace yore::expressivity
