#include "yore/languages/language.h"

#include <gtest/gtest.h>

#include "yore/automata/formats.h"
#include "yore/base/error.h"
#include "yore/base/test_scratch.h"

namespace yore::languages {
namespace {

std::string refusal(const std::string& spec, const std::optional<std::string>& alphabet = std::nullopt) {
  try {
    read_language(spec, alphabet);
    return "accepted";
  } catch (const base::InputError& error) {
    return error.source() + ": " + error.message();
  }
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

TEST(ReadLanguage, ThreeSpellingsOfOneLanguage) {
  const Language bare = read_language("(ab)*"), regex = read_language("regex:(ab)*"),
                 named = read_language("name:ab-star"),
                 formula =
                     read_language("ltl:!P(a & Y a) & !P(b & Y b) & !P(b & first) & (Y b | first)", "ab");
  EXPECT_EQ(bare.spec, "regex:(ab)*");
  EXPECT_EQ(bare.title, "(ab)*");
  EXPECT_EQ(named.spec, "name:ab-star");
  EXPECT_EQ(named.title, "ab-star");
  EXPECT_EQ(regex.dfa, bare.dfa);
  EXPECT_EQ(named.dfa, bare.dfa);
  EXPECT_EQ(formula.dfa, bare.dfa);
  EXPECT_EQ(bare.dfa.states, 3);
}

TEST(ReadLanguage, SpecAndAlphabetTextLeadBack) {
  for (const char* spec :
       {"(ab)*", ".*b", "ltl:P a", "name:cycle-navigation", "'push'('pop'|'push')*", "!'x1'"}) {
    const Language once = read_language(spec);
    const Language twice = read_language(once.spec, once.dfa.alphabet.text());
    EXPECT_EQ(once.dfa, twice.dfa) << spec;
    EXPECT_EQ(once.spec, twice.spec);
  }
}

TEST(ReadLanguage, GuessedAlphabetsAreMentioned) {
  EXPECT_TRUE(contains(read_language(".*a").note, "the alphabet a was inferred from the pattern"));
  EXPECT_EQ(read_language(".*a", "ab").note, "");
  EXPECT_EQ(read_language("(ab)*").note, "");
  EXPECT_TRUE(contains(read_language("ltl:P a").note, "inferred from the formula"));
  EXPECT_EQ(read_language("ltl:P a", "ab").note, "");
}

TEST(ReadLanguage, ASuiteNameWithoutPrefixIsAPatternAndSaysSo) {
  const Language language = read_language("parity");
  EXPECT_EQ(language.spec, "regex:parity");
  EXPECT_TRUE(contains(language.note, "name:parity"));
}

TEST(ReadLanguage, MisspeltPrefixesAndNamesAreRefused) {
  EXPECT_TRUE(contains(refusal("lt:P a"), "did you mean ltl"));
  EXPECT_TRUE(contains(refusal("regx:a*"), "did you mean regex"));
  EXPECT_TRUE(contains(refusal("name:paritty"), "did you mean parity?"));
  EXPECT_TRUE(contains(refusal("name:"), "language: the suite has no language named \"\""));
  EXPECT_EQ(refusal("a:b"), "accepted");
  EXPECT_EQ(refusal("regex:ltl:a"), "accepted");
}

TEST(ReadLanguage, ErrorsOfTheParsersPassThrough) {
  EXPECT_TRUE(contains(refusal("(ab"), "regex: "));
  EXPECT_TRUE(contains(refusal(""), "regex: "));
  EXPECT_TRUE(contains(refusal("ltl:P"), "formula: "));
  EXPECT_TRUE(contains(refusal("abc", "ab"), "regex: "));
  EXPECT_TRUE(contains(refusal("a", "aa"), "alphabet: "));
  EXPECT_TRUE(contains(refusal("dfa:"), "file name"));
  EXPECT_TRUE(contains(refusal("dfa:/no/such/file.json"), "/no/such/file.json: "));
}

TEST(ReadLanguage, StateBudget) {
  EXPECT_THROW(read_language(".*a.{12}", "ab", 100), base::BudgetError);
}

TEST(ReadLanguage, NamedAlphabetsMustAgree) {
  EXPECT_EQ(read_language("name:parity", "ab").dfa, find_named("parity").dfa());
  EXPECT_TRUE(contains(refusal("name:parity", "abc"),
                       "alphabet: the language parity is over the alphabet ab, found abc"));
  // The same set in another order is the same language with its symbols renumbered.
  const Dfa turned = read_language("name:parity", "ba").dfa;
  EXPECT_EQ(turned.alphabet.text(), "ba");
  EXPECT_EQ(turned.states, 2);
  for (const char* word : {"", "b", "ab", "bb", "bab", "aba"})
    EXPECT_EQ(turned.accepts(turned.alphabet.parse_word(word)),
              find_named("parity").dfa().accepts(logic::Alphabet::parse("ab").parse_word(word)))
        << word;
}

TEST(Notes, SignsOfOtherProgramsPatternsAreSaidToBeLetters) {
  const auto note = [](const char* spec) { return read_language(spec).note; };
  for (const char* spec : {"^(ab)*", "(ab)*$", "a|$"})
    EXPECT_TRUE(contains(note(spec), "^ and $ are letters")) << spec;
  for (const char* spec : {"\\d", "a\\w+", "[\\s]a"})
    EXPECT_TRUE(contains(note(spec), " is the letter ")) << spec;
  EXPECT_TRUE(contains(note("^.\\d"), "no anchors; \\d is the letter d"));
  EXPECT_TRUE(contains(note("^.\\d"), "the alphabet ^d was inferred"));
  for (const char* spec : {"(ab)*", "[^a]b", "\\^a", "\\$a", "'^'a", "'a\\'^'b", "[a^$]", "\\\\a", "a\\*"})
    EXPECT_FALSE(contains(note(spec), "are letters here") || contains(note(spec), "is the letter"))
        << note(spec);
  EXPECT_EQ(read_language("^a", "a^").note, "");
  EXPECT_TRUE(contains(refusal("^a", "ab"), "there are no anchors"));
  EXPECT_TRUE(contains(refusal("\\d", "ab"), "\\d is the letter d"));
}

TEST(Notes, AConstantFormulaIsSaidToBe) {
  for (const char* spec : {"ltl:a", "ltl:H a", "ltl:P (a & b)", "ltl:a & !a"})
    EXPECT_TRUE(contains(read_language(spec, "ab").note, "is constant, no word satisfies it")) << spec;
  EXPECT_TRUE(contains(read_language("ltl:!a", "ab").note, "is constant, every word satisfies it"));
  EXPECT_TRUE(contains(read_language("ltl:a").note, "the alphabet a was inferred"));
  for (const char* spec : {"ltl:Y a", "ltl:P a", "ltl:!P !a"})
    EXPECT_EQ(read_language(spec, "ab").note, "") << spec;
}

class AutomatonFiles : public testing::Test {
 protected:
  std::string write(const std::string& name, const std::string& text) const {
    base::write_file(scratch_ / name, text);
    return scratch_ / name;
  }
  base::Scratch scratch_;
};

TEST_F(AutomatonFiles, BothFormatsByTheirEnding) {
  const Dfa dfa = find_named("dyck-2").dfa();
  const std::string json = write("two.json", automata::json_from_dfa(dfa));
  const std::string att = write("two.att", automata::att_from_dfa(dfa));
  const Language from_json = read_language("dfa:" + json);
  EXPECT_EQ(from_json.dfa, dfa);
  EXPECT_EQ(from_json.spec, "dfa:" + json);
  EXPECT_EQ(from_json.title, "two.json");
  EXPECT_EQ(read_language("dfa:" + att, "ab").dfa, dfa);
  EXPECT_TRUE(contains(refusal("dfa:" + json, "abc"), "is over the alphabet ab, found abc"));
}

TEST_F(AutomatonFiles, BrokenFilesAreNamed) {
  const std::string path = write("broken.json", "{\"alphabet\": [");
  EXPECT_TRUE(contains(refusal("dfa:" + path), path + ": "));
}

}  // namespace
}  // namespace yore::languages
