// The named languages. Alphabets are part of each definition: a letter more can change a language's class.
#include "yore/languages/generators.h"
#include "yore/languages/language.h"

namespace yore::languages {
namespace {

constexpr const char* kGlobalPaper = "Li & Cotterell 2025, arXiv 2505.23623";
constexpr const char* kLocalPaper = "Li & Cotterell 2026, arXiv 2605.00768";
constexpr const char* kTomita = "Tomita 1982, as numbered since; over 0 and 1";
constexpr const char* kChomsky =
    "Deletang et al. 2023, Neural networks and the Chomsky hierarchy, arXiv 2207.02098";
constexpr const char* kFlare = "Butoi et al. 2025 (FLaRe), arXiv 2411.07107";
constexpr const char* kOwn = "project's own";

std::vector<NamedLanguage> first_last_and_containment() {
  return {
      {"first-a", "Words that begin with a.", "regex:a.*", "ab",
       std::string(kLocalPaper) + "; FIRST of 2505.23623", "global"},
      {"first-bb", "Words that begin with bb; needs the strict mask.", "regex:bb.*", "ab",
       std::string(kOwn) + " (separates the strict from the non-strict mask)", "global"},
      {"last-a", "Words that end with a.", "regex:.*a", "ab",
       std::string(kLocalPaper) + "; LAST of 2505.23623", "local"},
      {"last-ab", "Words that end with ab.", "regex:.*ab", "ab", kLocalPaper, "local"},
      {"third-last-a", "Words whose last letter but two is a.", "regex:.*a..", "ab",
       "the textbook example of exponential determinisation", "local"},
      {"recent-a-2", "Words with an a among their last two letters.", "regex:.*a.?", "ab",
       std::string(kLocalPaper) + ", L_k for k = 2", "local"},
      {"at-most-3", "Words of at most three letters.", "regex:.{0,3}", "ab",
       std::string(kOwn) + " (a finite language: both classes hold it)", "global and local"},
      {"contains-a", "Words that contain an a.", "regex:.*a.*", "ab", kGlobalPaper, "global"},
      {"subsequence-ab", "Words with an a and, anywhere later, a b; over three letters.", "regex:.*a.*b.*",
       "abc", std::string(kLocalPaper) + "; PT-2 of 2505.23623", "global"},
      {"subsequence-aba", "Words with an a, later a b, later an a.", "regex:.*a.*b.*a.*", "ab",
       "piecewise testable: Simon 1975", "global"},
      {"factor-ab-2", "Words that contain ab; over two letters, where it is the subsequence ab.",
       "regex:.*ab.*", "ab", "locally testable: McNaughton & Papert 1971", "global"},
      {"factor-ab-3", "Words that contain ab; over three letters.", "regex:.*ab.*", "abc",
       std::string(kLocalPaper) + "; LT-2 of 2505.23623", "hybrid"},
      {"factor-aa", "Words that contain aa.", "regex:.*aa.*", "ab",
       "locally testable: McNaughton & Papert 1971", "hybrid"},
  };
}

std::vector<NamedLanguage> stars_and_counting() {
  return {
      {"a-star", "Words of a alone.", "regex:a*", "ab", kOwn, "global"},
      {"a-then-b", "Any number of a, then any number of b.", "regex:a*b*", "ab", kOwn, "global"},
      {"ab-star", "ab repeated any number of times.", "regex:(ab)*", "ab",
       std::string(kLocalPaper) + "; DYCK-(1,1) of 2505.23623", "hybrid"},
      {"a-then-b-or-ab", "An a, then any sequence of b and ab.", "regex:a(b|ab)*", "ab", kOwn, "hybrid"},
      {"ab-or-ba-star", "Any sequence of ab and ba.", "regex:(ab|ba)*", "ab", kOwn, "star-free"},
      {"repeat-01", "01 repeated any number of times.", "regex:(01)*", "01", kFlare, "hybrid"},
      {"even-pairs",
       "An even number of neighbours that differ; that is, the empty word and words whose first and last "
       "letter agree.",
       "regex:()|0|1|0.*0|1.*1", "01", std::string(kFlare) + "; Deletang et al. 2023", "hybrid"},
      {"aa-star", "An even number of a and nothing else.", "regex:(aa)*", "ab", "McNaughton & Papert 1971",
       "regular"},
      {"parity", "An even number of b.", "regex:a*(ba*ba*)*", "ab",
       std::string(kGlobalPaper) + "; " + kChomsky, "regular"},
      {"cycle-navigation",
       "Moves > < = on a circle of five places, then one digit that names the place where the walk from 0 "
       "ends.",
       "name:cycle-navigation", "><=01234", std::string(kFlare) + "; as a function in Deletang et al. 2023",
       "regular", [] { return cycle_navigation(5); }},
      {"modular-sum-3", "Digits 0, 1, 2 whose sum is a multiple of 3.", "name:modular-sum-3", "012",
       std::string("project's own reading of modular arithmetic in ") + kChomsky, "regular",
       [] { return modular_sum(3); }},
      {"modular-sum-5", "Digits 0 to 4 whose sum is a multiple of 5.", "name:modular-sum-5", "01234",
       std::string("project's own reading of modular arithmetic in ") + kChomsky, "regular",
       [] { return modular_sum(5); }},
  };
}

std::vector<NamedLanguage> bounded_dyck() {
  const std::string source =
      std::string(kGlobalPaper) + ", DYCK-(1,k): one pair of brackets, a opens, b closes";
  std::vector<NamedLanguage> result;
  std::string pattern = "(ab)*";
  for (int depth = 1; depth <= 4; ++depth) {
    result.push_back({"dyck-" + std::to_string(depth),
                      "Well-nested brackets (a opens, b closes) at most " + std::to_string(depth) + " deep.",
                      "regex:" + pattern, "ab", source, depth == 1 ? "hybrid" : "star-free"});
    pattern.insert(0, "(a").append("b)*");
  }
  return result;
}

std::vector<NamedLanguage> tomita() {
  return {
      {"tomita-1", "1 repeated any number of times.", "regex:1*", "01", kTomita, "global"},
      {"tomita-2", "10 repeated any number of times.", "regex:(10)*", "01", kTomita, "hybrid"},
      {"tomita-3",
       "No odd block of 1 is followed at once by an odd block of 0 (blocks as long as they can be).",
       "regex:!((.*0)?1(11)*0(00)*(1.*)?)", "01",
       std::string(kTomita) + "; project's reading of \"no odd 0-string after an odd 1-string\"", "regular"},
      {"tomita-4", "Words without 000.", "regex:!(.*000.*)", "01", kTomita, "hybrid"},
      {"tomita-5", "An even number of 0 and an even number of 1.", "regex:(1*(01*01*)*)&(0*(10*10*)*)", "01",
       kTomita, "regular"},
      {"tomita-6", "The numbers of 0 and of 1 differ by a multiple of 3.",
       "regex:((01|10)|(00|1)(10)*(11|0))*", "01", kTomita, "regular"},
      {"tomita-7", "0s, 1s, 0s, 1s: at most four blocks in that order, each may be empty.", "regex:0*1*0*1*",
       "01", kTomita, "global"},
  };
}

// The papers leave these alphabets open. The letters are theirs renamed; d is neutral where it occurs, and it
// matters: without it the right-deterministic polynomial is locally R-trivial.
std::vector<NamedLanguage> testable_and_polynomials() {
  const std::string from = std::string(kGlobalPaper);
  return {
      {"lt-1", "Words that contain an a; over three letters.", "regex:.*a.*", "abc", from + ", LT-1",
       "global"},
      {"lt-2", "Words that contain ab; over three letters (the same as factor-ab-3).", "regex:.*ab.*", "abc",
       from + ", LT-2", "hybrid"},
      {"pt-2", "Words with the subsequence ab; over three letters (the same as subsequence-ab).",
       "regex:.*a.*b.*", "abc", from + ", PT-2", "global"},
      {"ldp-1", "Letters c, d up to the first a; after it no c.", "regex:[cd]*a[abd]*", "abcd",
       from + ", LDP-1: (S-{a,b0})* a (S-{b1})* with b0, b1 = b, c and the alphabet fixed by the project",
       "global"},
      {"ldp-2", "Letters b, d, e up to the first a; then a, c, e up to the first b; after it no e.",
       "regex:[bde]*a[ace]*b[abcd]*", "abcde",
       from + ", LDP-2: (S-{a1,b0})* a1 (S-{a2,b1})* a2 (S-{b2})* with a1, a2, b0, b1, b2 = a, b, c, d, e "
              "and the "
              "alphabet fixed by the project",
       "global"},
      {"rdp-1", "No b before the last a, no c after it.", "regex:[acd]*a[bd]*", "abcd",
       from + ", RDP-1: (S-{b0})* a (S-{a,b1})* with b0, b1 = b, c and the alphabet fixed by the project (d "
              "neutral)",
       "star-free"},
      {"rdp-1-narrow", "rdp-1 without its neutral letter: no b before the last a, no c after it.",
       "regex:[ac]*ab*", "abc",
       from + ", RDP-1 over the smallest alphabet; project's own, to show that the alphabet decides",
       "hybrid"},
  };
}

}  // namespace

const std::vector<NamedLanguage>& suite() {
  static const std::vector<NamedLanguage> all = [] {
    std::vector<NamedLanguage> languages;
    for (const auto& part : {first_last_and_containment(), stars_and_counting(), bounded_dyck(), tomita(),
                             testable_and_polynomials()})
      languages.insert(languages.end(), part.begin(), part.end());
    return languages;
  }();
  return all;
}

}  // namespace yore::languages
