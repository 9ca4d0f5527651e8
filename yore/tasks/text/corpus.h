// Files as texts for training, validation and test.
#pragma once
#include <deque>
#include <string>
#include <string_view>
#include <vector>

namespace yore::tasks {

/// Where a text may be cut in two.
enum class CutAt {
  Byte,      ///< anywhere
  Line,      ///< behind a line, or where there is none behind white space, or between two characters
  Document,  ///< behind a blank line, or where there is none as Line
};

struct CorpusFiles {
  /// Paths separated by commas; no training file at all is default_text(). Without validation (test) files,
  /// the end of each training file is kept for it.
  std::string training, validation, test;
  double validation_fraction = 0, test_fraction = 0;  ///< of each training file; 0 where files are given
  CutAt cut = CutAt::Byte;                            ///< each part ends at such a place, if it can
};

/// The last place of that kind at or before `at`.
std::size_t cut_before(std::string_view text, std::size_t at, CutAt cut);

/// Where blank lines separate documents: the parts between them, none empty, each with its line breaks but
/// without the blank lines.
std::vector<std::string_view> between_blank_lines(std::string_view text);

/// The three parts share no byte: of a training file, training has the first bytes, then come validation and
/// test; and no file is given twice, under whatever name.
class Corpus {
 public:
  /// Reads each file once. Throws InputError naming the file that is missing, empty, the same as another, or
  /// too short for its parts to have two bytes each (a byte to predict needs one before it).
  explicit Corpus(const CorpusFiles& files);
  // The parts are views of the texts that lie here.
  Corpus(const Corpus&) = delete;
  Corpus& operator=(const Corpus&) = delete;

  /// A part of a file, with its name.
  struct Part {
    std::string_view text;
    std::string path;
  };
  /// At least two bytes each.
  const std::vector<Part>& training() const { return training_; }
  const std::vector<Part>& validation() const { return validation_; }
  const std::vector<Part>& test() const { return test_; }  ///< perhaps none
  /// Of every file (training, validation, test) its size and its checksum: "12 bytes, fnv1a 03c2..".
  const std::vector<std::string>& identities() const { return identities_; }
  /// Throws InputError naming the first file that is not what `identities` says.
  void check_identities(const std::vector<std::string>& identities) const;
  /// Adds a file that is no text of the corpus but says how it is read, such as a tokenizer.
  void identify(const std::string& path, std::string_view bytes);

 private:
  std::vector<std::string> paths_, identities_;
  std::deque<std::string> texts_;
  std::vector<Part> training_, validation_, test_;
};

/// FNV-1a of 64 bits.
std::uint64_t checksum(std::string_view bytes);

}  // namespace yore::tasks
